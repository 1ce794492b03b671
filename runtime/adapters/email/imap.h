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
    IMAP_LINE_MAX = 1048576, /* bytes of a response without its mail; further bytes are passed over */
    IMAP_TRIES_MAX = 3,      /* after so many fetches that ended our process, a mail is left alone */
};
#define IMAP_TRY "gcx-try" /* the keyword's beginning: gcx-try1 */

/* A response. Valid until imap_next() is called again. */
struct imap_said {
    const char *text; /* the response's line, in which the character 1 stands for the mail */
    char *mail;       /* the mail's bytes; who takes them sets NULL here and calls free(). NULL: none, or too large */
    size_t length;
};

struct imap *imap_new(size_t mail_max);
void imap_free(struct imap *);
void imap_feed(struct imap *, const char *bytes, size_t length);
/* Gives the next whole response. False: none has come yet. */
bool imap_next(struct imap *, struct imap_said **);

/* The values that a FETCH response gives of a mail. */
struct imap_mail {
    uint32_t uid;
    uint64_t size;      /* RFC822.SIZE; 0: not said */
    unsigned tries;     /* how often the mail was fetched before, from its keywords IMAP_TRY */
    bool seen, body;    /* `body`: BODY[] was said, as imap_said.mail or as `quoted` */
    const char *quoted; /* BODY[] as a text within the response: between its quotes, still with backslashes; or NULL */
    size_t quoted_length;
};
/* Reads a FETCH response. False: it is none, or has no UID. */
bool imap_fetched(const struct imap_said *, struct imap_mail *);
/* Reads the UIDs of a SEARCH response, `max` at most, and returns how many; -1: it is no SEARCH response. */
int imap_found(const struct imap_said *, uint32_t *uids, int max);
/* The number behind `word` in a status response: "UIDVALIDITY 7". 0: it is not there. */
uint32_t imap_number(const struct imap_said *, const char *word);
