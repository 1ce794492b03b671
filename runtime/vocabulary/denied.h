/* runtime/vocabulary/denied.h - What adapters refuse of what strategies send, and add to calling lists: the rules that
 * they and the simulated world share. The reasons, and the exits that steps have by them, are rows of contract.def. The
 * module owns nothing. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "runtime/vocabulary/vocabulary.h"

enum contract_why {
    WHY_none,
#define REASON(what, words) WHY_##what,
#include "runtime/vocabulary/contract.def"
    WHY_COUNT
};
const char *denied_words(enum contract_why); /* "the text is too long" */
/* Returns the exit by which a step ends when the adapter of that name refuses for that reason; code_ok: it does not
 * refuse for it. */
enum code denied_exit(const char *adapter, enum contract_why);

/* ---- to whom ---- */

enum { DENIED_MAIL_MAX = 254 }; /* bytes of an address of mails */
/* Can a mail go there? It is mailbox@domain, or "mailbox"@domain, without a name or brackets around it. */
bool denied_mail_good(struct span address);
/* Is the address the one of ours in `ours`: an address in any case of letters, a number with or without its +, or
 * *@DOMAIN? */
bool denied_is_ours(const char *ours, struct span address);

/* ---- who wrote ---- */

/* Is the address one of a mail system, or one that takes no answers: mailer-daemon@, no-reply@? */
bool denied_is_mailer(struct span address);
/* WHY_machine: a machine wrote the mail, and no step sends one about it. `automatic`: as the user data say it (empty: a
 * person wrote, as far as headers say); `from`: its sender; `to`: somebody else to whom it is forwarded, which is
 * allowed unless it may come back from there, as a report, a mail of ours, or a mail of that address may; empty: the
 * mail is an answer. */
enum contract_why denied_machine_wrote(struct span automatic, struct span from, struct span to);

/* ---- how often ---- */

struct denied_machine { /* how many messages our machines wrote to one address, since when; zeroed: none */
    uint64_t since_us, count;
};
/* True: ten minutes have passed since the first message that it counts, so that it may be forgotten. */
bool denied_machine_old(const struct denied_machine *, uint64_t now_us);
/* Counts one message more. True: it is more than `most` within ten minutes. */
bool denied_machine_often(struct denied_machine *, uint64_t most, uint64_t now_us);

/* ---- when ---- */

/* WHY_window: the customer's last message is more than so many seconds ago. 0: each answer is taken. */
enum contract_why denied_window(uint64_t window_s, int64_t last_us, int64_t now_us);

/* ---- calling lists ---- */

/* Is the field of outbound.add a column that each record has? */
bool denied_is_column(struct span name);
/* Is the text a number as a filter of records compares it: digits, perhaps with a sign and a decimal point? */
bool denied_is_figure(struct span text);
/* Reads a time of day, "08:30", "24:00" or "08:30:15": seconds since midnight. */
bool denied_clock(struct span text, int64_t *seconds);
/* Says why no record can have that text in its column; WHY_none: one may. */
enum contract_why denied_column(struct span column, struct span text);
/* Says why no list takes the fields of an AddRecord, a list of pairs; WHY_none: one may. */
enum contract_why denied_fields(struct span fields);
