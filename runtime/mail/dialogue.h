/* runtime/mail/dialogue.h - One connection of a mail server to us: SMTP (RFC 5321) or LMTP (RFC 2033) as a
 * state machine over bytes, without socket and clock.
 *
 * The owner gives the received bytes to it, sends what dialogue_output() returns, and answers each complete mail by
 * dialogue_done(). Only the code that the owner gives then accepts a mail: until that, nothing further is read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct dialogue;

enum {
    DIALOGUE_LINE_MAX = 2048,      /* bytes of a command */
    DIALOGUE_RECIPIENTS_MAX = 100, /* recipients of a mail */
    DIALOGUE_ERRORS_MAX = 20,      /* wrong commands after which the connection ends */
    DIALOGUE_COMMANDS_MAX = 10000,
};

/* A complete mail, as it was received. The struct is valid during the call only, except `bytes`, which the called
 * function frees. */
struct dialogue_mail {
    const char *sender; /* "": the null sender */
    const char *const *recipients;
    unsigned count;
    char *bytes;
    size_t length;
};

struct dialogue_setting {
    bool lmtp;
    const char *name; /* our host name, for the greeting */
    size_t bytes_max; /* bytes of a mail */
};

struct dialogue_calls {
    void *self;
    /* May a mail of that many bytes (0: unknown) come now? 0: yes; else the code of the refusal: 450, 452 ... */
    unsigned (*begins)(void *self, const char *sender, size_t bytes);
    /* Is it one of our addresses? 0: yes; else the code of the refusal: 550 ... */
    unsigned (*recipient)(void *self, const char *address);
    /* A mail is complete; the called function calls dialogue_done() now or later. */
    void (*mail)(void *self, const struct dialogue_mail *);
    /* The peer was answered by a code 4xx or 5xx. NULL: the owner does not want to know. */
    void (*refused)(void *self, unsigned code, const char *text);
};

/* The setting is borrowed. The output begins with the greeting. */
struct dialogue *dialogue_new(const struct dialogue_setting *, const struct dialogue_calls *);
void dialogue_free(struct dialogue *);
/* Returns how many of the bytes were taken: fewer if a mail waits for its answer, or the dialogue has ended. */
size_t dialogue_feed(struct dialogue *, const char *bytes, size_t length);
/* Answers the mail: 250 accepts it, 4xx means try again later, 5xx means never. By LMTP that answer is sent once for
 * each recipient. */
void dialogue_done(struct dialogue *, unsigned code, const char *text);
/* Refuses the mail that is being received, because all mails together are too many bytes now: the rest of it is
 * dropped, and the answer is 452. */
void dialogue_too_much(struct dialogue *);
/* Answers 421, and ends the dialogue. */
void dialogue_end(struct dialogue *, const char *text);

const char *dialogue_output(const struct dialogue *, size_t *length);
void dialogue_sent(struct dialogue *, size_t length);
size_t dialogue_held(const struct dialogue *); /* bytes kept of the mail that is being received */
bool dialogue_waits(const struct dialogue *);  /* does a mail wait for dialogue_done()? */
/* has the dialogue ended? If so, the owner closes the connection when all output is sent */
bool dialogue_over(const struct dialogue *);
