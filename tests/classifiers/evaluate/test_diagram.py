"""The picture of the calibration shows every bin."""

import xml.etree.ElementTree as ET

from classifiers.evaluate.diagram import svg


def test_the_picture_has_a_dot_a_bin():
    drawn = ET.fromstring(svg([(0.6, 0.55, 10), (0.97, 0.98, 300)]))
    assert len(drawn.findall(".//{*}circle")) == 2
