/* runtime/vocabulary/contract.c - Reads contract.def: finds abilities by word and bit, and adapters by name.
 *
 *     ADAPTER(email, ...) CAN(email, word) ... END_ADAPTER     what an adapter can
 *     WANTS(adapter, word, setting)        only if its settings are such
 *     NEEDS(step, ability, when)           what a step asks of a link
 *     DOES(adapter, step, setting)         a step that an adapter does only with a setting
 *
 * The core, the simulated world and the manual use this one table. */
#include "runtime/vocabulary/contract.h"

#include <assert.h>
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

enum { /* does not compile if a row CAN names no ability */
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

/* NULL past the last. */
static const struct contract *contract_at(size_t place)
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

/* Removes the abilities whose setting is missing or empty. Abilities that need no setting stay. */
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

static const struct {
    const char *adapter, *medium, *setting;
} beside[] = {
#define BESIDE(name, medium, setting) {#name, medium, #setting},
#include "runtime/vocabulary/contract.def"
};
enum { BESIDES = sizeof beside / sizeof *beside };

/* Finds out whether the adapter brings interactions of the medium; `setting` NULL: with any settings. */
bool contract_brings(const struct contract *contract, enum media medium, contract_setting *setting, const void *self)
{
    if (contract->brings && media_are(contract->media, medium)) return true;
    for (size_t i = 0; i < BESIDES; i++) {
        if (strcmp(beside[i].adapter, contract->name) != 0) continue;
        if (strcmp(beside[i].medium, enum_name_media(medium)) != 0) continue;
        const char *value = setting ? setting(self, beside[i].setting) : "any";
        if (value && *value) return true;
    }
    return false;
}

bool contract_beside(const char *setting, enum media medium)
{
    for (size_t i = 0; i < BESIDES; i++)
        if (strcmp(beside[i].setting, setting) == 0 && strcmp(beside[i].medium, enum_name_media(medium)) == 0)
            return true;
    return false;
}

static const struct {
    const char *adapter, *step, *setting;
} done[] = {
#define DOES(name, step, setting) {#name, step, #setting},
#include "runtime/vocabulary/contract.def"
};
enum { DONE = sizeof done / sizeof *done };
static_assert(DONE <= 64, "a set of them is a number of 64 bits");

static bool done_never(size_t row)
{
    return strcmp(done[row].setting, "NEVER") == 0;
}

/* Returns the steps that the adapter cannot do with these settings: a bit per row DOES, for contract_does(). A step
 * whose row says NEVER is always among them. */
uint64_t contract_lacks(const struct contract *contract, contract_setting *setting, const void *self)
{
    uint64_t lacks = 0;
    for (size_t i = 0; i < DONE; i++) {
        if (strcmp(done[i].adapter, contract->name) != 0) continue;
        const char *value = done_never(i) ? NULL : setting ? setting(self, done[i].setting) : "any";
        if (!value || !*value) lacks |= (uint64_t)1 << i;
    }
    return lacks;
}

bool contract_does(uint64_t lacks, const char *step, const char **setting)
{
    for (size_t i = 0; i < DONE; i++) {
        if ((lacks >> i & 1) == 0 || strcmp(done[i].step, step) != 0) continue;
        *setting = done_never(i) ? NULL : done[i].setting;
        return false;
    }
    return true;
}

/* Prints one more section of a list; `setting` NULL: the section needs no setting. */
static void contract_section_print(struct out *out, const char *adapter, const char *setting)
{
    out_format(out, "%s`adapter %s { %s%s... }`", out->length == 0 ? "" : " or ", adapter, setting ? setting : "",
               setting ? " = " : "");
}

/* Prints the sections of an adapter that has the ability: one for each setting of which one is enough. */
static void contract_able_print(struct out *out, const char *adapter, uint32_t cap, const char *step)
{
    bool wants = false;
    for (size_t i = 0; step && i < DONE; i++) {
        if (strcmp(done[i].adapter, adapter) != 0 || strcmp(done[i].step, step) != 0) continue;
        if (!done_never(i)) contract_section_print(out, adapter, done[i].setting);
        return;
    }
    for (size_t i = 0; i < WANTED; i++) {
        if (strcmp(wanted[i].adapter, adapter) != 0 || (uint32_t)wanted[i].cap != cap) continue;
        contract_section_print(out, adapter, wanted[i].setting);
        wants = true;
    }
    if (!wants) contract_section_print(out, adapter, NULL);
}

/* Writes, for the text of an error, which sections of the configuration would help. */
void contract_adapters(struct out *out, enum media medium, uint32_t cap, const char *step)
{
    const struct contract *adapter;
    for (size_t i = 0; (adapter = contract_at(i)); i++)
        if (cap != 0 && (adapter->caps & cap) != 0)
            contract_able_print(out, adapter->name, cap, step);
        else if (cap == 0 && adapter->brings && media_are(adapter->media, medium))
            contract_section_print(out, adapter->name, NULL);
    for (size_t i = 0; cap == 0 && i < BESIDES; i++)
        if (strcmp(beside[i].medium, enum_name_media(medium)) == 0)
            contract_section_print(out, beside[i].adapter, beside[i].setting);
}

uint32_t contract_needs(const char *what, bool *apart)
{
    enum { ALWAYS, APART };
    static const struct {
        const char *what;
        enum cap cap;
        bool apart;
    } needs[] = {
#define NEEDS(what, name, when) {what, CAP_##name, when == APART},
#include "runtime/vocabulary/contract.def"
    };
    uint32_t caps = 0;
    *apart = false;
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
        if (strcmp(needs[i].what, what) == 0) caps |= needs[i].cap, *apart = needs[i].apart;
    return caps;
}

uint32_t contract_needs_to_number(const char *step)
{
    static const struct {
        const char *step;
        enum cap cap;
    } rows[] = {
#define TO_NUMBER(step, name) {step, CAP_##name},
#include "runtime/vocabulary/contract.def"
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].step, step) == 0) return rows[i].cap;
    return 0;
}

/* A step with treatments or recording answers the call even without a row of its own. */
bool contract_answers(const char *step)
{
    static const char *const rows[] = {
#define ANSWERS(step) step,
#include "runtime/vocabulary/contract.def"
    };
    bool apart;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i], step) == 0) return true;
    return (contract_needs(step, &apart) & (CAP_TREATMENTS | CAP_RECORDING)) != 0;
}

const char *contract_says(const struct contract *contract, enum contract_says what, size_t index)
{
    static const struct {
        const char *adapter, *setting;
        enum contract_says what;
    } says[] = {
#define SAYS(name, setting, what) {#name, #setting, SAYS_##what},
#include "runtime/vocabulary/contract.def"
    };
    for (size_t i = 0; i < sizeof says / sizeof *says; i++)
        if (says[i].what == what && strcmp(says[i].adapter, contract->name) == 0 && index-- == 0)
            return says[i].setting;
    return NULL;
}

/* Reads a list such as "a = 1, b=2,c": takes the text after the equals sign, or the whole word if there is none. */
bool contract_place_next(const char **list, struct span *place)
{
    static const char blank[] = " \t\n";
    while (*list && **list) {
        *list += strspn(*list, ", \t\n");
        size_t length = strcspn(*list, ",");
        const char *equals = memchr(*list, '=', length), *at = equals ? equals + 1 : *list, *end = *list + length;
        *list = end;
        while (at < end && strchr(blank, *at)) at++;
        while (end > at && strchr(blank, end[-1])) end--;
        *place = (struct span){(const uint8_t *)at, (uint32_t)(end - at)};
        if (end > at) return true;
    }
    return false;
}

enum contract_literal contract_literal(const char *step, const char *parameter)
{
    static const struct {
        const char *step, *parameter;
        enum contract_literal kind;
    } rows[] = {
#define LITERAL(step, parameter, kind) {step, #parameter, LITERAL_##kind},
#include "runtime/vocabulary/contract.def"
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].step, step) == 0 && strcmp(rows[i].parameter, parameter) == 0) return rows[i].kind;
    return LITERAL_NONE;
}

const char *contract_sender(const char *step)
{
    static const char *const rows[][2] = {
#define SENDS(step, name) {step, #name},
#include "runtime/vocabulary/contract.def"
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i][0], step) == 0) return rows[i][1];
    return NULL;
}

uint32_t contract_limit(const char *adapter, const char *what)
{
    static const struct {
        const char *adapter, *what;
        uint32_t number;
    } rows[] = {
#define LIMIT(name, what, number, doc) {#name, #what, number},
#include "runtime/vocabulary/contract.def"
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].what, what) == 0 && strcmp(rows[i].adapter, adapter) == 0) return rows[i].number;
    return 0;
}

const char *contract_owns(const struct contract *contract, size_t index, const char **before)
{
    static const char *const rows[][3] = {
#define OWNS(name, before, setting) {#name, before, #setting},
#include "runtime/vocabulary/contract.def"
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i][0], contract->name) == 0 && index-- == 0) {
            *before = rows[i][1];
            return rows[i][2];
        }
    return NULL;
}

const char *contract_word(enum cap cap, const char **doc)
{
    size_t i = 0;
    while (i < ABILITIES && abilities[i].cap != cap) i++;
    if (i == ABILITIES) return NULL;
    *doc = abilities[i].doc;
    return abilities[i].word;
}

/* A switch gives "anonymous" or a similar word if the caller's number is withheld; that is no number. */
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
