/* runtime/vocabulary/contract.h - The abilities of links and of the adapters of the tree, and what these refuse, as
 * contract.def has it. A set of abilities is a number with the bit CAP_NAME for each. */
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

/* A plugin's media and caps, for its struct gcx_adapter: media_of_LIST and caps_of_NAME. NULL stands at the end. */
#define MEDIA_OF(list, ...)           extern const char *const media_of_##list[];
#define ADAPTER(name, list, how, doc) extern const char *const caps_of_##name[];
#include "runtime/vocabulary/contract.def"

/* Sets of abilities. CAPS_ASKED: those that the core asks for; CAPS_OWN: that it asks of the link that has the call,
 * the agent or the record; CAPS_PLAYED: what the link of the simulated world can. */
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

struct contract { /* of one adapter of the tree */
    const char *name;
    const char *const *media;
    bool brings; /* interactions of its media come by it; else people work on them there */
    uint32_t caps;
};
const struct contract *contract_named(const char *name); /* NULL: the tree has no such adapter */

/* Its value; NULL or "": it is not set. */
typedef const char *contract_setting(const void *self, const char *setting);
/* The abilities that the adapter has with these settings. */
uint32_t contract_caps_set(const struct contract *, contract_setting *, const void *self);
/* The steps that the adapter does not do with these settings: a bit for each row DOES. `setting` NULL: what its
 * settings are is not known, and they may all be set. */
uint64_t contract_lacks(const struct contract *, contract_setting *setting, const void *self);
/* Is the step none of those? False: `setting` is what has to be set for it; NULL: nothing would help. */
bool contract_does(uint64_t lacks, const char *step, const char **setting);

/* Does what is of the medium come by the adapter, by its own media or by a setting? `setting` NULL: what its settings
 * are is not known, and they may all be set. */
bool contract_brings(const struct contract *, enum media, contract_setting *setting, const void *self);
/* Does it come by that setting, of whatever adapter? */
bool contract_beside(const char *setting, enum media);

/* "`adapter sip { outbound = ... }` or `adapter tserver { ... }`": the adapters that have the ability, each with the
 * settings of which it wants one, and that do the step (NULL: any). With 0 for `cap`, the adapters that bring
 * interactions of the medium. Nothing is put if there is none. */
void contract_adapters(struct out *, enum media medium, uint32_t cap, const char *step);
/* The abilities that a link must have for a step, by its name as strategies write it, or for a thing of a directory; 0:
 * none. `apart`: in a conversation its own link does it. */
uint32_t contract_needs(const char *what, bool *apart);

/* Does the step answer a call, or need one that is answered? */
bool contract_answers(const char *step);

/* The settings of the adapter in which a test reads that: the `index`th; NULL past the last. */
enum contract_says {
    SAYS_POINTS,
    SAYS_LEADS,
    SAYS_REACHES,
    SAYS_MEDIUM,
    SAYS_LANGUAGES,
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
/* The next queue or routing point of a setting such as "NUMBER=PLACE, NUMBER=PLACE" or "PLACE, PLACE" (POINTS); false:
 * there is none any more. */
bool contract_place_next(const char **list, struct span *place);
#define MEDIA_AT_DESKS "email, chat" /* those of the setting `media` of a desk that names none */
const char *contract_says(const struct contract *, enum contract_says, size_t index);

/* As what a text in a strategy is judged that is that argument of the step; LITERAL_NONE: it is not. */
enum contract_literal { LITERAL_NONE, LITERAL_DIALLED, LITERAL_ADDED, LITERAL_MAILED };
enum contract_literal contract_literal(const char *step, const char *parameter);

/* The adapter that sends or adds what the step asks for, where its interaction's own link does not; NULL: none. */
const char *contract_sender(const char *step);
/* A limit of the adapter of that name, as "ANSWERS"; 0: it has none. */
uint32_t contract_limit(const char *adapter, const char *what);
/* The settings that name addresses of our own: the `index`th, and what stands before each address; NULL past the last.
 */
const char *contract_owns(const struct contract *, size_t index, const char **before);
/* The ability's word, and what it means; NULL: there is no such ability. */
const char *contract_word(enum cap, const char **doc);

/* The caller's number as adapters bring it: empty where the text stands for one that is withheld, whatever its letters'
 * case is. */
const char *contract_caller(const char *number);

/* The set that a list of words says, as in Hello and LinkUp. Unknown words are passed over. */
uint32_t contract_caps(struct span list);
/* Writes the words of the set as a list, in the order of the table. */
void contract_put_caps(struct writer *, unsigned field, uint32_t caps);
