/* runtime/vocabulary/contract.c - Reads contract.def: abilities by word and bit, adapters by name. */
#include "runtime/vocabulary/contract.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "runtime/vocabulary/media.h"
#include "runtime/vocabulary/message.h"
#include "base/out.h"
#include "runtime/vocabulary/rows.h"

static const struct {
    const char *word, *doc;
    enum cap cap;
} abilities[] = {
#define ABILITY(name, word, number, asks, played, doc) {#word, doc, CAP_##name},
#include "runtime/vocabulary/contract.def"
};
enum { ABILITIES = sizeof abilities / sizeof *abilities };

enum { /* what CAN names must be an ability */
#define ABILITY(name, word, number, asks, played, doc) CAN_##word = CAP_##name,
#include "runtime/vocabulary/contract.def"
};

/* clang-format off */
#define ADAPTER(name, list, how, doc) const char *const caps_of_##name[] = {
#define CAN(name, word)               #word,
#define END_ADAPTER(name)             NULL};
#include "runtime/vocabulary/contract.def"

#define MEDIA_OF(list, ...) const char *const media_of_##list[] = {__VA_ARGS__, NULL};
#include "runtime/vocabulary/contract.def"

enum { SERVES, BRINGS };
static const struct contract adapters[] = {
#define ADAPTER(name, list, how, doc) {#name, media_of_##list, how == BRINGS, 0
#define CAN(name, word)               | (uint32_t)CAN_##word
#define END_ADAPTER(name)             },
#include "runtime/vocabulary/contract.def"
};
/* clang-format on */

const struct contract *contract_at(size_t place)
{
    return place < sizeof adapters / sizeof *adapters ? &adapters[place] : NULL;
}

const struct contract *contract_named(const char *name)
{
    for (size_t i = 0; contract_at(i); i++)
        if (strcmp(adapters[i].name, name) == 0) return &adapters[i];
    return NULL;
}

static const struct {
    const char *adapter, *setting;
    enum cap cap;
} wanted[] = {
#define WANTS(name, word, setting) {#name, #setting, (enum cap)CAN_##word},
#include "runtime/vocabulary/contract.def"
};
enum { WANTED = sizeof wanted / sizeof *wanted };

uint32_t contract_caps_set(const struct contract *contract, contract_setting *setting, const void *self)
{
    uint32_t wants = 0, has = 0;
    for (size_t i = 0; i < WANTED; i++) {
        if (strcmp(wanted[i].adapter, contract->name) != 0) continue;
        const char *value = setting(self, wanted[i].setting);
        wants |= wanted[i].cap;
        if (value && *value) has |= wanted[i].cap;
    }
    return contract->caps & (~wants | has);
}

/* One more of several; `setting` NULL: it needs none. */
static void contract_section_print(struct out *out, const char *adapter, const char *setting)
{
    out_format(out, "%s`adapter %s { %s%s... }`", out->length == 0 ? "" : " or ", adapter, setting ? setting : "",
               setting ? " = " : "");
}

void contract_adapters(struct out *out, enum media medium, uint32_t cap)
{
    const struct contract *adapter;
    for (size_t i = 0; (adapter = contract_at(i)); i++) {
        bool fits = cap != 0 ? (adapter->caps & cap) != 0 : adapter->brings && media_are(adapter->media, medium);
        bool wants = false;
        for (size_t at = 0; fits && at < WANTED; at++) {
            if (strcmp(wanted[at].adapter, adapter->name) != 0 || (uint32_t)wanted[at].cap != cap) continue;
            contract_section_print(out, adapter->name, wanted[at].setting);
            wants = true;
        }
        if (fits && !wants) contract_section_print(out, adapter->name, NULL);
    }
}

uint32_t contract_step(const char *step)
{
    static const struct {
        const char *step;
        enum cap cap;
    } needs[] = {
#define NEEDS(step, name) {step, CAP_##name},
#include "runtime/vocabulary/contract.def"
    };
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
        if (strcmp(needs[i].step, step) == 0) return needs[i].cap;
    return 0;
}

const char *contract_word(enum cap cap, const char **doc)
{
    size_t i = 0;
    while (i < ABILITIES && abilities[i].cap != cap) i++;
    if (i == ABILITIES) return NULL;
    *doc = abilities[i].doc;
    return abilities[i].word;
}

const char *contract_caller(const char *number)
{
    static const char *const words[] = {
#define WITHHELD(word) word,
#include "runtime/vocabulary/contract.def"
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(words[i], number) == 0) return "";
    return number;
}

uint32_t contract_caps(struct span list)
{
    uint32_t caps = 0, at = 0;
    struct span word;
    while (message_next_text(list, &at, &word))
        for (size_t i = 0; i < ABILITIES; i++)
            if (span_is(word, abilities[i].word)) caps |= abilities[i].cap;
    return caps;
}

void contract_put_caps(struct writer *writer, unsigned field, uint32_t caps)
{
    writer_list_begin(writer, field);
    for (size_t i = 0; i < ABILITIES; i++)
        if (caps & abilities[i].cap) writer_list_text(writer, span_of(abilities[i].word));
    writer_list_end(writer);
}
