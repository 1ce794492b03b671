/* runtime/mail/dialogue.h - One connection of a mail server to us: SMTP (RFC 5321) or LMTP (RFC 2033) as a
 * state machine over bytes, without socket and clock.
 *
 * The owner feeds what came, sends what dialogue_output() has, and answers each whole mail by dialogue_done(). A mail
 * is only taken by the code that the owner gives then: until that, nothing further is read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct dialogue;

enum {
    DIALOGUE_LINE_MAX = 2048,      /* bytes of a command */
    DIALOGUE_RECIPIENTS_MAX = 100, /* recipients of a mail */
    DIALOGUE_ERRORS_MAX = 20,      /* commands that are wrong, until the connection ends */
    DIALOGUE_COMMANDS_MAX = 10000,
};

/* A mail as the dialogue has received it. Borrowed during the call, but for `bytes`, which are the callee's to
 * free(). */
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
    /* May a mail of so many bytes (0: unknown) come now? 0: yes; else the code of the refusal: 450, 452 ... */
    unsigned (*begins)(void *self, const char *sender, size_t bytes);
    /* Is it an address of ours? 0: yes; else 550 ... */
    unsigned (*recipient)(void *self, const char *address);
    /* A mail is whole; the callee calls dialogue_done() now or later. */
    void (*mail)(void *self, const struct dialogue_mail *);
    /* The other side was answered 4xx or 5xx. NULL: nobody wants to know. */
    void (*refused)(void *self, unsigned code, const char *text);
};

/* The setting is borrowed. The greeting stands in the output at once. */
struct dialogue *dialogue_new(const struct dialogue_setting *, const struct dialogue_calls *);
void dialogue_free(struct dialogue *);
/* Returns how many of the bytes were taken: fewer while a mail waits for its answer, and at the end. */
size_t dialogue_feed(struct dialogue *, const char *bytes, size_t length);
/* Answers the mail: 250 is taken, 4xx try again later, 5xx never. By LMTP the answer is given once for each
 * recipient. */
void dialogue_done(struct dialogue *, unsigned code, const char *text);
/* The mail that is coming is too much for us now: what is left of it is passed over, and it is answered 452. */
void dialogue_too_much(struct dialogue *);
/* Answers 421, and ends the dialogue. */
void dialogue_end(struct dialogue *, const char *text);

const char *dialogue_output(const struct dialogue *, size_t *length);
void dialogue_sent(struct dialogue *, size_t length);
size_t dialogue_held(const struct dialogue *); /* bytes of the mail that is coming */
bool dialogue_waits(const struct dialogue *);  /* does a mail wait for dialogue_done()? */
bool dialogue_over(const struct dialogue *);   /* has it ended? Then the owner closes it when the output is sent */
