/* runtime/adapters/sip/validate.h - The judge of messages, by their bytes, before libre reads them.
 *
 *     bytes ---> sip_validate() ---> take:   libre has it, cut to its length, with a branch where none was
 *                           ---> refuse: the answer that RFC 3261 owes is written from the message's own lines
 *                           ---> drop:   nobody can be answered, or it is an answer that is none
 *
 * RFC 4475 has fifty messages that torture a parser; tests/unit/sip_torture.c has ours after each of them. Nothing is
 * remembered of a message, so a flood of bad ones costs its reading only. */
#pragma once

#include <stddef.h>

#include "runtime/adapters/sip/raw.h"

enum judgement { JUDGED_TAKE, JUDGED_REFUSE, JUDGED_DROP };

struct validated {
    enum judgement judged;
    unsigned status;    /* of a refusal */
    const char *phrase; /* of a refusal; of what is dropped, why */
    size_t begin, end;  /* the message within the bytes: no empty lines before it, nothing after its body */
    size_t branch_at;   /* a branch is wanted there (RFC 2543 had none); 0: there is one */
    struct raw raw;
};

enum { BRANCH_SIZE = 48 };

void sip_validate(const char *bytes, size_t length, struct validated *);
/* The refusal, with its end; returns its length, 0 where it does not fit. */
size_t validate_reply(const struct validated *, char *text, size_t size);
/* `;branch=` and what stands for one: the same for a request, its ACK and its CANCEL (RFC 3261, section 17.2.3). */
void validate_branch(const struct validated *, char branch[BRANCH_SIZE]);
/* The port to which the answer goes, by the first Via: 5060 where it names none; 0: the one that the request came from.
 */
unsigned validate_reply_port(const struct validated *);
