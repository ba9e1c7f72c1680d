"""The nine topics of Weibo21 by their codes; a module of its own, so that pages can name them
without a model."""

TOPICS = {
    "society": "社会生活",
    "culture": "文体娱乐",
    "finance": "财经商业",
    "health": "医药健康",
    "disaster": "灾难事故",
    "politics": "政治",
    "education": "教育考试",
    "military": "军事",
    "science": "科技",
}
