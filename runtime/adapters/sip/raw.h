/* runtime/adapters/sip/raw.h - A message of SIP as bytes: its first line, its headers, where its body begins (RFC 3261,
 * section 7).
 *
 * libre takes many messages that nobody may send, and drops some that it should answer. The door looks at the bytes
 * first (validate.h), and this is what it looks at. All texts are borrowed from the message. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { RAW_HEADERS = 256 };

struct raw_text {
    const char *at;
    size_t length;
};

/* The headers by which a message is judged. */
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
    struct raw_text line, value; /* the whole of it, folds included; what stands behind the colon, without blanks */
};

struct raw {
    struct raw_text first; /* the line, without its end */
    struct raw_header headers[RAW_HEADERS];
    unsigned count;
    bool readable;  /* every line is a header */
    size_t body_at; /* 0: the headers have no end */
};

/* Reads as far as it can be read. */
void raw_message_read(const char *bytes, size_t length, struct raw *);
/* The first header of that kind; NULL: none. */
const struct raw_header *raw_find(const struct raw *, enum raw_kind);

bool raw_is_token_character(char);
bool raw_is_blank(char); /* of a value: a fold has the end of its line */
/* Takes characters from the text's beginning. */
void raw_skip_blanks(struct raw_text *);
bool raw_take_character(struct raw_text *, char);
struct raw_text raw_take_token(struct raw_text *);
bool raw_take_quoted(struct raw_text *);        /* false: the closing mark is missing */
bool raw_is(struct raw_text, const char *word); /* whatever its case */
/* Do two URIs of sip or sips name the same user of the same host? A port counts where both tell one; `host_only`: the
 * user does not count. */
bool raw_same_target(struct raw_text, struct raw_text, bool host_only);
bool raw_number(struct raw_text, unsigned long long most, unsigned long long *number);
