/* runtime/adapters/webhook/network.h - A network whose users write messages: how its requests are verified and read,
 * and how requests to it are written. A network is described by a data file in JSON, without code; gcx-webhook(8)
 * explains its members.
 *
 *     {"network": "...", "verify": {...}, "challenge": {...}, "poll": {...}, "media": {...},
 *      "reads": [{"kind": "message", "each": "/messages", "id": "{0/id}", "from": "{0/from}", ...}],
 *      "write": {"method": "POST", "url": "{base}/send", "headers": {...}, "body": {...}, "id": "/id"},
 *      "limits": {"text": 4096, "window_s": 86400}}
 *
 * The file is checked completely when it is read; an unknown member is refused, with the path to it. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapters/conversation/content.h"
#include "runtime/adapters/webhook/verify.h"

/* The kinds of posts. KIND(name, word, said) - `word`: in the data file; `said`: what it is for the conversation. */
#define POSTED_KINDS(KIND)                                                                                             \
    KIND(MESSAGE, message, other)                                                                                      \
    KIND(EDIT, edit, edit)                                                                                             \
    KIND(DELETE, delete, deletion)                                                                                     \
    KIND(STATUS, status, other)                                                                                        \
    KIND(PLACE, place, place)                                                                                          \
    KIND(CONTACT, contact, contact)                                                                                    \
    KIND(ORDER, order, order)                                                                                          \
    KIND(REACTION, reaction, reaction)
enum post_kind {
#define KIND(name, word, said) POSTED_##name,
    POSTED_KINDS(KIND)
#undef KIND
        POST_KINDS
};

/* The fields that are read from each post; their texts have placeholders (pick.h). */
enum post_field {
#define FIELD(name, must, doc) POST_##name,
#include "runtime/adapters/webhook/fields.def"
    POST_FIELDS
};

/* The lists of a contact card or an order: each object of a list is a line, whose texts have these places. */
#define LINE_FIELDS(FIELD) FIELD(name) FIELD(value) FIELD(count) FIELD(price) FIELD(currency)
enum line_field {
#define FIELD(name) LINE_##name,
    LINE_FIELDS(FIELD)
#undef FIELD
        LINE_FIELD_COUNT
};

enum { LISTS_MAX = 4 };
struct network_list {
    const char *each;                    /* the path below the post */
    const char *texts[LINE_FIELD_COUNT]; /* NULL: there is no such text */
};

enum { ALTERNATIVES = 8, READS_MAX = 32, HEADERS_MAX_COUNT = 8, HOSTS_MAX_COUNT = 16, VISIBILITIES_MAX = 8 };

struct network_read {
    enum post_kind kind;
    const char *each;      /* the path to the posts in a request */
    const char *when, *is; /* only posts whose value at the pointer `when` equals `is` count; NULL: all do */
    const char
        *fields[POST_FIELDS][ALTERNATIVES]; /* the first whose placeholders all have values is used; NULL: no more */
    const json_t *states;                   /* for POSTED_STATUS: the state for each word of the network */
    bool html;                              /* the texts of these posts are HTML */
    struct network_list lists[LISTS_MAX];
    unsigned list_count;
};

struct network_write {
    const char *method, *url;
    const char *headers[HEADERS_MAX_COUNT]; /* "Name: value" with places */
    const json_t *body;                     /* the request's body; its texts have placeholders */
    const json_t *template;                 /* the body for a template; NULL: the network has no templates */
    const json_t *marks;                    /* the body for a question with a button for each mark; NULL: no buttons */
    const char *id;                         /* pointer to the message's id in the answer; NULL: none */
    /* pointer to the number of short messages that the text needed; NULL: none */
    const char *segments;
    const char *wait; /* pointer to the seconds that the network wants to be left alone; NULL: none */
    const char *visibilities[VISIBILITIES_MAX + 1]; /* the network's words for who may read a post, widest circle first;
                                                     * ended by NULL */
    bool repeatable;                                /* the network recognizes a message that is sent twice */
    bool form;                                      /* the body is sent as a form */
    struct network_file {                           /* how a file of ours is sent */
        const char *upload;   /* the address to which the file goes, as multipart/form-data; NULL: no file is sent */
        const char *field;    /* the form's field that has the file */
        const json_t *fields; /* further fields, texts with placeholders; NULL: none */
        const char *found;    /* pointer to the file's name in the answer; NULL: the upload is the message */
        const json_t *body;   /* the message about the file, which is written to `url`; NULL: as above */
        uint64_t max;         /* most bytes of a file */
    } file;
};

struct network {
    json_t *file; /* the parsed data file, to which all texts point */
    const char *name;
    bool phones; /* customers' addresses are telephone numbers */
    bool texts;  /* the data file is for a provider of short messages */
    bool form;   /* its requests are forms, which are read as objects of texts */
    struct webhook_verify verify;
    const char *challenge_token, *challenge_answer; /* names of query fields; NULL: there is no challenge */
    struct network_read reads[READS_MAX];
    unsigned read_count;
    struct network_write write;
    struct network_media { /* how the file of a message is fetched */
        const char *find;  /* address of the request for the file's address; NULL: the post has it */
        const char *found; /* pointer to the file's address in the answer to that request */
        const char *url;   /* the file's address, with placeholders; NULL: files are not fetched */
        const char *headers[HEADERS_MAX_COUNT];
        const char *hosts[HOSTS_MAX_COUNT + 1]; /* further hosts from which files may come; ended by NULL */
        /* the network's own hosts, which also get the headers; ended by NULL */
        const char *own_hosts[HOSTS_MAX_COUNT + 1];
    } media;
    struct network_poll {
        const char *url; /* the address that is polled; NULL: the network sends requests itself */
        uint64_t every_s;
        bool newest_first; /* the posts in the answer are in order from new to old */
    } poll;
    /* most characters; seconds after a customer's last message for free answers, 0: no limit */
    uint64_t text_max, window_s;
};

/* Returns the index of this word in `visibilities`; an unknown word counts as the last one, the narrowest circle. */
unsigned network_visibility(const struct network_write *, const char *word);

/* Reads a network's data file. NULL with the reason, which names the wrong member. */
struct network *network_open(const char *path, char *why, size_t why_size);
struct network *network_read_text(const char *text, char *why, size_t why_size);
void network_free(struct network *); /* NULL is allowed */

/* One post of a network's request; valid only while `take` is called. */
struct post {
    enum post_kind kind;
    const char *fields[POST_FIELDS]; /* the post's fields; "": the field is missing */
    int64_t at_us;                   /* when the post was written, by the network's clock; 0: not given */
    const struct said_content
        *content; /* what it consists of; its kind is message_kind_other for a message and a status */
};

enum { POSTS_MAX = 20000 }; /* more than a request of 1 MiB can have */

struct posts_count {
    unsigned taken;
    unsigned passed; /* posts that no object of `reads` matches, or that are wrong */
    unsigned wrong;  /* those of `passed` that lack an id or a sender */
};
/* Calls `take` for each post of a request's body, in order. False with the reason: the body cannot be read. */
bool network_posts(const struct network *, const char *body, size_t length,
                   void (*take)(void *self, const struct post *), void *self, struct posts_count *, char *why,
                   size_t why_size);

/* Returns the value at this path in an answer, which the caller frees; NULL: `path` is NULL, or there is no such
 * value. */
char *network_answer(const char *path, const GString *answer);

/* Returns the value for the placeholder of this name (places.def); NULL: there is none. */
typedef const char *network_value(void *self, const char *name);
/* Fills in the placeholders of a body and returns it as JSON, which the caller frees; NULL: a value is missing. */
char *network_body(const json_t *body, network_value *, void *self);
/* Fills in a body whose members are texts, and returns it as a form, which the caller frees; NULL: a value is
 * missing. */
char *network_form(const json_t *body, network_value *, void *self);
/* Fills in the placeholders of a text, and returns the line; NULL: a value is missing, or would break the line. */
char *network_line(const char *text, bool in_address, network_value *, void *self);
