/* compiler/check/locale.c - The site's default locale: the value of the attribute `locale` until a strategy sets
 * another. Of a language tag (BCP 47) it has the parts by which prompts are stored: language, script, region,
 * variants. */
#include "compiler/check/checker.h"

#include <assert.h>
#include <string.h>

enum { TAG_BYTES_MAX = 35 };

struct subtag {
    const char *bytes;
    size_t length, letters, digits;
};

/* A part of the tag up to the next hyphen, or to the end; its length may be 0. */
static struct subtag subtag_at(const char *at)
{
    struct subtag subtag = {.bytes = at};
    for (;; subtag.length++) {
        char byte = at[subtag.length];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'), digit = byte >= '0' && byte <= '9';
        if (!letter && !digit) return subtag;
        subtag.letters += letter;
        subtag.digits += digit;
    }
}

/* Moves on to the next part; false where no hyphen follows. */
static bool move_on(struct subtag *subtag)
{
    if (subtag->bytes[subtag->length] != '-') return false;
    *subtag = subtag_at(subtag->bytes + subtag->length + 1);
    return true;
}

static bool is_variant(const struct subtag *subtag)
{
    bool digit = subtag->bytes[0] >= '0' && subtag->bytes[0] <= '9';
    return (subtag->length >= 5 && subtag->length <= 8) || (subtag->length == 4 && digit);
}

static bool is_locale(const char *text)
{
    struct subtag subtag = subtag_at(text);
    bool more = true;
    if (subtag.digits != 0 || subtag.length < 2 || subtag.length > 3) return false;
    more = move_on(&subtag);
    if (more && subtag.length == 4 && subtag.letters == 4) more = move_on(&subtag);
    bool region = (subtag.length == 2 && subtag.letters == 2) || (subtag.length == 3 && subtag.digits == 3);
    if (more && region) more = move_on(&subtag);
    while (more) {
        if (!is_variant(&subtag)) return false;
        more = move_on(&subtag);
    }
    return subtag.bytes[subtag.length] == '\0';
}

void check_default_locale(struct checker *c, struct node *item)
{
    assert(item->kind == NODE_SITE_DEFAULT);
    struct word name = item->site_default.name;
    struct node *value = item->site_default.value;
    if (type_is_poison(check_as(c, value, checker_base(c, LANG_STR)))) return;
    const char *text = value->kind == NODE_STRING ? value->string.text.bytes : NULL;
    if (!text)
        report(c, NOT_CONSTANT, value->span);
    else if (strlen(text) != value->string.text.length || strlen(text) > TAG_BYTES_MAX || !is_locale(text))
        diag_hint(report(c, LOCALE_TAG, value->span), "a language, and what it needs of script and region: "
                                                      "\"fr\", \"fr-CA\", \"zh-Hant-TW\"");
    else if (c->checked->locale)
        report(c, DEFAULT_TWICE, name.span, name.text);
    else
        c->checked->locale = text;
}
