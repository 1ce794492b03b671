/* runtime/adapters/sip/validate.h - Judges messages by their bytes before libre reads them.
 *
 *     bytes ---> sip_validate() ---> take:   libre has it, cut to its length, with a branch where none was
 *                           ---> refuse: the answer that RFC 3261 owes is written from the message's own lines
 *                           ---> drop:   nobody can be answered, or it is an answer that is none
 *
 * RFC 4475 has fifty messages that are hard for a parser; tests/unit/sip_torture.c has one of ours for each of them.
 * Nothing is remembered of a message, so a flood of bad messages costs only the time to read them. */
#pragma once

#include <stddef.h>

#include "runtime/adapters/sip/raw.h"

enum judgement { JUDGED_TAKE, JUDGED_REFUSE, JUDGED_DROP };

struct validated {
    enum judgement judged;
    unsigned status;    /* of a refusal */
    const char *phrase; /* the words of a refusal; why a message is dropped */
    size_t begin, end;  /* the bounds of the message: no empty lines before it, nothing after its body */
    size_t branch_at;   /* where a branch must be inserted (RFC 2543 had none); 0: there is one */
    struct raw raw;
};

enum { BRANCH_SIZE = 48 };

void sip_validate(const char *bytes, size_t length, struct validated *);
/* Writes the refusal with the end of its headers; returns its length; 0: it does not fit. */
size_t validate_reply(const struct validated *, char *text, size_t size);
/* Writes `;branch=` and a value that is the same for a request, its ACK and its CANCEL (RFC 3261, section 17.2.3). */
void validate_branch(const struct validated *, char branch[BRANCH_SIZE]);
/* The port for the answer, from the first Via: 5060 if it names none; 0: the port that the request came from. */
unsigned validate_reply_port(const struct validated *);
