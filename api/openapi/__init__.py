"""The description of the API: `/openapi.json`, and `/docs`, which is a page made of it.

Reading order: `document` puts it together; `parameters`, `schemas`, `responses` and `foreign` say what Litestar and
msgspec leave out; `introduction` is in words; `examples.json` holds requests and answers, which a test sends and
compares; `page` reads the document for people; `routes` serves both.
"""
