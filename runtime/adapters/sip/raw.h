/* runtime/adapters/sip/raw.h - A message of SIP as bytes: its first line, its headers, where its body begins (RFC 3261,
 * section 7).
 *
 * libre accepts many messages that are not allowed, and drops some that it should answer. So validate.h checks each
 * message's bytes before libre, and raw.h divides them for that check. All texts point into the message. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { RAW_HEADERS = 256 };

struct raw_text {
    const char *at;
    size_t length;
};

/* The headers that are checked. */
enum raw_kind {
    RAW_VIA,
    RAW_FROM,
    RAW_TO,
    RAW_CALL_ID,
    RAW_CSEQ,
    RAW_CONTENT_LENGTH,
    RAW_CONTENT_TYPE,
    RAW_MAX_FORWARDS,
    RAW_CONTACT,
    RAW_OTHER,
    RAW_KINDS
};

struct raw_header {
    enum raw_kind kind;
    /* the whole header with its folds; the text after the colon, without blanks at its ends */
    struct raw_text line, value;
};

struct raw {
    struct raw_text first; /* the first line, without its end */
    struct raw_header headers[RAW_HEADERS];
    unsigned count;
    bool readable;  /* every line after the first is a header */
    size_t body_at; /* where the body begins; 0: no empty line ends the headers */
};

/* Divides the message, as far as it can be read. */
void raw_message_read(const char *bytes, size_t length, struct raw *);
/* The first header of that kind; NULL: the message has none. */
const struct raw_header *raw_find(const struct raw *, enum raw_kind);

bool raw_is_token_character(char);
bool raw_is_blank(char); /* a blank within a value: also a line end, as a fold has one */
/* raw_skip_blanks() and the raw_take_...() functions take characters from the text's beginning. */
void raw_skip_blanks(struct raw_text *);
bool raw_take_character(struct raw_text *, char);
struct raw_text raw_take_token(struct raw_text *);
bool raw_take_quoted(struct raw_text *);        /* false: the closing mark is missing */
bool raw_is(struct raw_text, const char *word); /* whatever its case */
/* Do two URIs of sip or sips name the same user of the same host? Ports are compared if both URIs have one; with
 * `host_only` the users are not compared. */
bool raw_same_target(struct raw_text, struct raw_text, bool host_only);
bool raw_number(struct raw_text, unsigned long long most, unsigned long long *number);
