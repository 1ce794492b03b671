/* runtime/core/run/judged.h - Judgements: which customers were asked how they were served, and what they answered.
 *
 *     csat.ask()      the customer's row: the virtual queue, the interaction, until when an answer counts
 *     csat.answer()   the row's question is closed, and the facts `judged` and perhaps `satisfied` are told
 *
 * A row is found by the customer's address, or by the number of the interaction, so an answer that comes in another
 * interaction, hours later, is an answer about the one that was asked about. The row stays when the question is closed:
 * it says when the customer was asked last. The table has JUDGEMENTS_MAX rows; the customer who has had a row longest
 * makes room for a new one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"
#include "runtime/core/base/state.h"
#include "runtime/core/run/mark.h"
#include "runtime/vocabulary/message.h"

struct interaction;

enum { JUDGEMENTS_MAX = 200000, MARK_SATISFIED = 4 };

struct judgement {
    uint32_t customer; /* name: the address; of an interaction without one, its id as text */
    uint32_t vq;       /* name */
    uint64_t ixn;      /* the interaction that the question is about */
    uint64_t asked_us; /* when the customer was asked, logical time */
    uint64_t until_us; /* until when an answer counts; 0: the question is closed */
};

struct judgements {
    struct judgement *all;
    uint32_t count, capacity;
    uint32_t turn; /* the row that the next new customer gets once the table is full */
    struct lookup by_customer, by_ixn;
    uint64_t content; /* sum of the hashes of all rows */
};

/* Notes that the customer is asked about the interaction. `customer`: empty: of this interaction alone. `within_us`: so
 * long an answer counts. `every_us`: a customer is asked once in that time, and about an interaction once. Returns
 * code_ok; code_duplicate: that was done already; code_refused: the address is too long, or there is no room. */
enum code judged_ask(struct core *, const struct interaction *, uint32_t vq, struct span customer, uint64_t within_us,
                     uint64_t every_us);
/* The customer has answered in this interaction, with a mark from 1 to MARK_BEST. `whom`: an address, or the number of
 * the interaction that was asked about, as text; empty: this interaction. Returns code_ok; code_gone: no such question
 * is open; code_refused: there is no such mark. */
enum code judged_answer(struct core *, const struct interaction *, struct span whom, int64_t mark);
/* Was the customer asked about this interaction, and would an answer count now? */
bool judged_asks(const struct core *, const struct interaction *);
/* The customer has written the text while a strategy has the conversation: it is an answer if a question to the
 * customer is open and mark_answered() finds a mark. `sure`: a button for a mark says the text, or the conversation
 * begins with it: then it is an answer also where no strategy has the conversation. Else not: an agent who
 * has it may have asked something to which "2" is the answer. True: it was an answer about another interaction, and
 * the customer asks nothing in it. */
bool judged_said(struct core *, const struct interaction *, struct span text, bool sure);
/* The customer has sent this mail or text, which no strategy has yet. `text`: what they wrote, without what is quoted.
 * True: it was an answer, or a mark that answers a question a second time, and nobody has to work on it. An answer that
 * asks something is counted, and false. */
bool judged_sent(struct core *, const struct interaction *, struct span text);
