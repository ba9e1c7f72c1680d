"""Many texts are assessed batch by batch, in their order."""

from classifiers.evaluate import batches


class Counting:
    """Assesses a text as itself; keeps the size of each batch."""

    def __init__(self):
        self.sizes = []

    def assess(self, texts):
        self.sizes.append(len(texts))
        return list(texts)


def test_batches_are_of_a_size_and_the_order_stays(monkeypatch):
    counting = Counting()
    monkeypatch.setattr(batches, "assessor", lambda: counting)
    texts = [str(i) for i in range(2 * batches.BATCH + 1)]
    assert batches.assessed(texts) == texts
    assert counting.sizes == [batches.BATCH, batches.BATCH, 1]


def test_what_cannot_be_loaded_is_said_on_stderr(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(batches, "load_default", lambda: None)
    load = batches.Assessor.load
    monkeypatch.setattr(batches.Assessor, "load", lambda model: load(model, artifacts=tmp_path))
    assert batches.assessor().price is None
    said = capsys.readouterr()
    assert said.out == "" and "price: no trained file" in said.err
