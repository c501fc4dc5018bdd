"""The description of the API: `/openapi.json`, and `/docs`, which is a page made of it.

Reading order: `document` puts it together; `parameters`, `schemas` and `responses` say what Litestar and msgspec leave
out; `examples.json` holds requests and answers, which a test sends and compares; `routes` serves it.
"""
