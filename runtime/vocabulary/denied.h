/* runtime/vocabulary/denied.h - What adapters refuse of messages that strategies send, and of records that they add
 * to calling lists: the rules that adapters and the simulated world share. The reasons, and the exits of steps for
 * them, are rows of contract.def. The module owns nothing. */
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
const char *denied_words(enum contract_why); /* returns a sentence such as "the text is too long" */
/* Returns the exit of a step when the adapter of that name refuses it for that reason; code_ok: the adapter does not
 * refuse for that reason. */
enum code denied_exit(const char *adapter, enum contract_why);

/* ---- to whom ---- */

enum { DENIED_MAIL_MAX = 254 }; /* bytes of a mail address, at most */
/* True: a mail can be sent to the address. The address must be mailbox@domain, or "mailbox"@domain, without a name or
 * brackets around it. */
bool denied_mail_good(struct span address);
/* True: the address is ours, as `ours` says: an address in any case of letters, a number with or without its +, or
 * *@DOMAIN. */
bool denied_is_ours(const char *ours, struct span address);

/* ---- who wrote ---- */

/* True: the address is one of a mail system, or one that takes no answers: mailer-daemon@, no-reply@. */
bool denied_is_mailer(struct span address);
/* Returns WHY_machine if a machine wrote the mail and the step must not send another mail because of it. `automatic`:
 * from the user data (empty: a person wrote the mail, as far as headers tell); `from`: its sender; `to`: the address to
 * which the mail is forwarded (empty: the step answers the mail). Forwarding is refused only if the mail might come
 * back: if it is a report, a mail of ours, or a mail that `to` has written. */
enum contract_why denied_machine_wrote(struct span automatic, struct span from, struct span to);

/* ---- how often ---- */

struct denied_machine { /* how many messages our machines wrote to one address, and since when; all zero: none */
    uint64_t since_us, count;
};
/* True: ten minutes have passed since the first message that was counted, so the struct may be forgotten. */
bool denied_machine_old(const struct denied_machine *, uint64_t now_us);
/* Counts one message more. True: there were more than `most` messages within ten minutes. */
bool denied_machine_often(struct denied_machine *, uint64_t most, uint64_t now_us);

/* ---- when ---- */

/* WHY_window: the customer's last message is older than so many seconds. 0: there is no such limit. */
enum contract_why denied_window(uint64_t window_s, int64_t last_us, int64_t now_us);

/* ---- calling lists ---- */

/* True: the field of outbound.add is a column that each record has. */
bool denied_is_column(struct span name);
/* True: the text is a number as a filter of records compares it: digits, perhaps with a sign and a decimal point. */
bool denied_is_figure(struct span text);
/* Reads a time of day, "08:30", "24:00" or "08:30:15", as seconds since midnight. */
bool denied_clock(struct span text, int64_t *seconds);
/* Returns why no record can have that text in its column; WHY_none: a record can. */
enum contract_why denied_column(struct span column, struct span text);
/* Returns why no list accepts the fields of an AddRecord, a list of pairs; WHY_none: a list can. */
enum contract_why denied_fields(struct span fields);
