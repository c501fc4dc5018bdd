"""Words that are dates: `expressions` is where to begin; then `grammar` and the rules, `resolving`, `framing`."""
