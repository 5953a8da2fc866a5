"""The cleaner as a step in other people's pipelines: Scrapy, datatrove, and data frames through Arrow.

Each module needs its host, which is imported with the module and not before:
`pip install "article-cleaner[scrapy]"`, `[datatrove]` or `[arrow]`.
"""
