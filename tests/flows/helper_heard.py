"""The example's helper, with its arguments after a file that gets each request as a line of JSON (desk_wire.sh).

A translation into the language `hostile` has characters that turn the text round, or are not seen.
"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../examples/helper"))
import helper

heard = sys.argv.pop(1)


def hears(answer):
    def heard_first(rules, request):
        with open(heard, "a", encoding="utf-8") as file:
            file.write(json.dumps(request) + "\n")
        return answer(rules, request)
    return heard_first


def turned(_, request):
    return [{"title": "a\u0007b", "text": "Pay \u202e001\u202c now\u200b\nline\ttab"}] if request.get("language") == "hostile" else helper.translations(_, request)


helper.KINDS = {kind: hears(answer) for kind, answer in {**helper.KINDS, "translation": turned}.items()}
helper.main()
