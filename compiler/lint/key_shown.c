/* compiler/lint/key_shown.c - Finds digits of a caller that are attached under a key whose name says that nobody should
 * see them, though the key is not secret: desktops, traces and logs show it.
 *
 *     attached { pin: str }
 *     attach pin = ivr.digits(prompt ask_pin) else "";
 */
#include <string.h>

#include "compiler/lint/lint.h"

/* Is one of the words of the name, between underscores, one that stands for a secret? */
static bool tells_secret(const char *name)
{
    static const char *const words[] = {"pin",      "pins",     "cvv",    "cvc",  "card", "cardnumber", "pan",
                                        "password", "passcode", "secret", "iban", "ssn",  "tan",        "otp"};
    for (const char *at = name; *at; at += strcspn(at, "_"), at += *at == '_')
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (strcspn(at, "_") == strlen(words[i]) && strncasecmp(at, words[i], strlen(words[i])) == 0) return true;
    return false;
}

void lint_key_shown(struct lint *lint)
{
    EACH_OF (lint, attach, NODE_ATTACH) {
        const struct node *target = attach->attach.target;
        const struct symbol *key = target->kind == NODE_NAME ? target->meaning : NULL;
        if (!key || key->secret || !lint_asks(lint_step(attach->attach.value)) || !tells_secret(target->name.name.text))
            continue;
        struct diag *diag = lint_report(lint, KEY_SHOWN, target->span, target->name.name.text);
        diag_note(diag, key->where, "declared here");
        diag_hint(diag, "attached { secret %s: str }", target->name.name.text);
    }
}
