/* runtime/adapters/email/imap.h - Reads responses of an IMAP server (RFC 3501): a state machine over bytes, without
 * socket and clock.
 *
 * A server may send anything: lines are cut, mails larger than `mail_max` are skipped, control characters become
 * `?`. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct imap;

enum {
    IMAP_LINE_MAX = 1048576, /* most bytes of a response without its mail; the rest is skipped */
    IMAP_TRIES_MAX = 3,      /* a mail is left alone after so many fetches during which the process ended */
};
#define IMAP_TRY "gcx-try" /* the keyword's beginning: gcx-try1 */

/* A response. The response is valid until imap_next() is called again. */
struct imap_said {
    const char *text; /* the response's line, in which the character 1 stands for a literal */
    /* the mail's bytes; a caller who takes them sets NULL here and calls free(). NULL: no mail, or too large */
    char *mail;
    size_t length;
};

struct imap *imap_new(size_t mail_max);
void imap_free(struct imap *);
void imap_feed(struct imap *, const char *bytes, size_t length);
/* Returns the next complete response. False: none has come yet. */
bool imap_next(struct imap *, struct imap_said **);

/* The values that a FETCH response has about a mail. */
struct imap_mail {
    uint32_t uid;
    uint64_t size;      /* RFC822.SIZE; 0: not said */
    unsigned tries;     /* how often the mail was fetched before, by its keywords IMAP_TRY */
    bool seen, body;    /* `body`: the response had BODY[], as imap_said.mail or as `quoted` */
    const char *quoted; /* BODY[] as a quoted text in the response, without its quotes, with backslashes; or NULL */
    size_t quoted_length;
};
/* Reads a FETCH response. False: the response is no FETCH response, or has no UID. */
bool imap_fetched(const struct imap_said *, struct imap_mail *);
/* Reads the UIDs of a SEARCH response, at most `max`, and returns their number; -1: it is no SEARCH response. */
int imap_found(const struct imap_said *, uint32_t *uids, int max);
/* Returns the number after `word` in a status response: "UIDVALIDITY 7". 0: `word` is not there. */
uint32_t imap_number(const struct imap_said *, const char *word);
