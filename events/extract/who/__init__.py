"""Who and where: `names` finds who is named, `gazetteer` knows them, `amounts` reads money."""
