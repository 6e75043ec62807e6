"""Prints what the dialects know, as JSON: keys, forms, and what each model has."""

import json

import quectel

FORMS = ("QICFG", "OPTIONS")  # a key, and the bounds of each value; none for a text


def main():
    models = [name for line in quectel._DIALECTS for name in line.split()[1:]]
    keys = {"QICFG": {}, "OPTIONS": {}, "CHOICES": {}, "QUERIES": {}}
    forms = set()
    found = {}
    for model in models:
        dialect = getattr(quectel, model).DIALECT()
        for table, found_keys in keys.items():
            known = getattr(dialect, table)
            for key in known:
                kinds = found_keys.setdefault(key, [])
                if table in FORMS:
                    limits = known[key][1] if table == "OPTIONS" else known[key]
                    kind = ["int" if each else "str" for each in limits]
                    if kind not in kinds:
                        kinds.append(kind)
        forms |= {*dialect.TEXT_FORMS, *dialect.HEX_FORMS}
        found[model] = {
            "SOCKETS": dialect.SOCKETS,
            "SERVICES": dialect.SERVICES,
            "ACCESS_MODES": dialect.ACCESS_MODES,
            "PDP": dialect.PDP,
            "RAI": dialect.RAI is not None,
            "SLEEP": dialect.SLEEP is not None,
            "NTP": dialect.NTP_MS is not None,
        }
    print(json.dumps({"keys": keys, "forms": sorted(forms), "models": found}))


main()
