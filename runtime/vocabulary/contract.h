/* runtime/vocabulary/contract.h - The abilities of links and of the adapters of the tree, and what adapters refuse,
 * from contract.def. A set of abilities is a number with the bit CAP_NAME for each. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/vocabulary/vocabulary.h"

struct out;
struct span;
struct writer;

enum cap {
#define ABILITY(name, word, number, asks, played, doc) CAP_##name = 1 << number,
#include "runtime/vocabulary/contract.def"
};

/* A plugin's media and abilities, for its struct gcx_adapter: media_of_LIST and caps_of_NAME. The lists end with
 * NULL. */
#define MEDIA_OF(list, ...)           extern const char *const media_of_##list[];
#define ADAPTER(name, list, how, doc) extern const char *const caps_of_##name[];
#include "runtime/vocabulary/contract.def"

/* Sets of abilities. CAPS_ASKED: abilities for which the core looks; CAPS_OWN: those that the link with the call,
 * the agent or the record must have; CAPS_PLAYED: those of the link of the simulated world. */
enum { CAPS_OF_NONE, CAPS_OF_OWN, CAPS_OF_ANY, CAPS_OF_UNPLAYED = 0, CAPS_OF_PLAYED };
enum {
#define ABILITY(name, word, number, asks, played, doc) CAP_##name *(CAPS_OF_##asks != CAPS_OF_NONE) |
    CAPS_ASKED =
#include "runtime/vocabulary/contract.def"
        0,
#define ABILITY(name, word, number, asks, played, doc) CAP_##name *(CAPS_OF_##asks == CAPS_OF_OWN) |
    CAPS_OWN =
#include "runtime/vocabulary/contract.def"
        0,
#define ABILITY(name, word, number, asks, played, doc) CAP_##name *CAPS_OF_##played |
    CAPS_PLAYED =
#include "runtime/vocabulary/contract.def"
        0
};

/* The limits beyond which adapters refuse. */
enum {
#define LIMIT(name, what, number, doc) LIMIT_##name##_##what = number,
#include "runtime/vocabulary/contract.def"
};

struct contract { /* the contract of one adapter of the tree */
    const char *name;
    const char *const *media;
    bool brings; /* true: the adapter brings the interactions of its media; false: people work on interactions there */
    uint32_t caps;
};
const struct contract *contract_named(const char *name); /* NULL: the tree has no such adapter */

/* Returns the value of a setting of the adapter; NULL or "": it is not set. */
typedef const char *contract_setting(const void *self, const char *setting);
/* Returns the abilities that the adapter has with these settings. */
uint32_t contract_caps_set(const struct contract *, contract_setting *, const void *self);
/* Returns the steps that the adapter cannot do with these settings: a bit for each row DOES. `setting` NULL: the
 * settings are not known, and may all be set. */
uint64_t contract_lacks(const struct contract *, contract_setting *setting, const void *self);
/* Returns whether the adapter can do the step, by the bits of contract_lacks(). False: `setting` must be set for the
 * step; NULL: no setting would help. */
bool contract_does(uint64_t lacks, const char *step, const char **setting);

/* Returns whether the adapter brings interactions of the medium, by its own media or by a setting. `setting` NULL:
 * the settings are not known, and may all be set. */
bool contract_brings(const struct contract *, enum media, contract_setting *setting, const void *self);
/* True: that setting, of any adapter, brings interactions of the medium. */
bool contract_beside(const char *setting, enum media);

/* Writes which adapters have the ability and can do the step (NULL: any step), each with the settings of which one is
 * needed: "`adapter sip {outbound =}` or `adapter tserver`". With 0 for `cap`, the adapters that bring interactions of
 * the medium. Writes nothing if there is no such adapter. */
void contract_adapters(struct out *, enum media medium, uint32_t cap, const char *step);
/* Returns the abilities that a link must have for a step, by its name in strategies, or for a feature of the
 * directory; 0: none. `apart`: in a conversation, the conversation's own link does the step. */
uint32_t contract_needs(const char *what, bool *apart);

/* Returns the ability that the step needs instead where it goes to a number; 0: the same. */
uint32_t contract_needs_to_number(const char *step);

/* True: the step answers a call, or needs an answered one. */
bool contract_answers(const char *step);

/* What a setting tells (SAYS in contract.def): contract_says() returns the adapter's `index`th setting that tells it;
 * NULL: no more. */
enum contract_says {
    SAYS_POINTS,
    SAYS_LEADS,
    SAYS_REACHES,
    SAYS_MEDIUM,
    SAYS_LANGUAGES,
    SAYS_WORDS,
    SAYS_HELP,
    SAYS_NETWORK,
    SAYS_PIECES,
    SAYS_TEMPLATES,
    SAYS_DIALS,
    SAYS_DECIDES,
    SAYS_EMERGENCY,
    SAYS_OUTLETS,
    SAYS_RESPONSES,
    SAYS_OFFERS
};
/* Reads the next queue or routing point of a setting such as "NUMBER=PLACE, NUMBER=PLACE" or "PLACE, PLACE" (POINTS);
 * false: there are no more. */
bool contract_place_next(const char **list, struct span *place);
#define MEDIA_AT_DESKS "email, chat" /* the media of a desk without a setting `media` */
const char *contract_says(const struct contract *, enum contract_says, size_t index);

/* Returns how the constant that a strategy passes for that parameter of the step is checked; LITERAL_NONE: not at
 * all. */
enum contract_literal { LITERAL_NONE, LITERAL_DIALLED, LITERAL_ADDED, LITERAL_MAILED };
enum contract_literal contract_literal(const char *step, const char *parameter);

/* Returns the adapter that does what the step asks for, to send or to add, if the interaction's own link does not;
 * NULL: none. */
const char *contract_sender(const char *step);
/* Returns the adapter's limit of that name, such as "ANSWERS"; 0: it has none. */
uint32_t contract_limit(const char *adapter, const char *what);
/* Returns the `index`th setting that lists addresses of our own, and the text before each address; NULL after the
 * last. */
const char *contract_owns(const struct contract *, size_t index, const char **before);
/* Returns the ability's word, and its description in `doc`; NULL: there is no such ability. */
const char *contract_word(enum cap, const char **doc);

/* Returns the caller's number as adapters bring it: empty if the text stands for a withheld number, in any case of
 * letters. */
const char *contract_caller(const char *number);

/* Reads a set of abilities from a list of words, as in Hello and LinkUp. Unknown words are ignored. */
uint32_t contract_caps(struct span list);
/* Writes the words of the set as a list, in the order of the table. */
void contract_put_caps(struct writer *, unsigned field, uint32_t caps);
