/* runtime/adapters/email/imap.h - Responses of an IMAP server (RFC 3501): a state machine over bytes, without socket
 * and clock.
 *
 * A server may say anything: lines are cut, mails larger than `mail_max` are passed over, controls become `?`. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct imap;

enum {
    IMAP_LINE_MAX = 1048576, /* bytes of a response besides a mail; what is more of it is passed over */
    IMAP_TRIES_MAX = 3,      /* how often a mail may end the process that reads it */
};
#define IMAP_TRY "gcx-try" /* the keyword's beginning: gcx-try1 */

/* A response. Valid until imap_next() is called again. */
struct imap_said {
    const char *text; /* its line; a mail in it stands there as the character 1 */
    char *mail;       /* NULL: there is none, or it is too large; whoever takes it sets NULL here and calls free() */
    size_t length;
};

struct imap *imap_new(size_t mail_max);
void imap_free(struct imap *);
void imap_feed(struct imap *, const char *bytes, size_t length);
/* False: there is no whole response yet. */
bool imap_next(struct imap *, struct imap_said **);

/* The answer of FETCH about a mail. */
struct imap_mail {
    uint32_t uid;
    uint64_t size;      /* RFC822.SIZE; 0: not said */
    unsigned tries;     /* from its keywords */
    bool seen, body;    /* `body`: BODY[] was said, as imap_said.mail or as `quoted` */
    const char *quoted; /* BODY[] as a text within the response: between its quotes, still with backslashes; or NULL */
    size_t quoted_length;
};
/* False: it is no FETCH response, or has no UID. */
bool imap_fetched(const struct imap_said *, struct imap_mail *);
/* The numbers of a SEARCH response, at most `max`. -1: it is none. */
int imap_found(const struct imap_said *, uint32_t *uids, int max);
/* The number behind `word` in a status response: "UIDVALIDITY 7". 0: it is not there. */
uint32_t imap_number(const struct imap_said *, const char *word);
