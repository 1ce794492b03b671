/* runtime/adapters/webhook/network.h - A network of people who write to us: how its requests are verified and read, and
 * how we write to it. A network is a data file in JSON and no code; gcx-webhook(8) has its members.
 *
 *     {"network": "...", "verify": {...}, "challenge": {...}, "poll": {...}, "media": {...},
 *      "reads": [{"kind": "message", "each": "/messages", "id": "{0/id}", "from": "{0/from}", ...}],
 *      "write": {"method": "POST", "url": "{base}/send", "headers": {...}, "body": {...}, "id": "/id"},
 *      "limits": {"text": 4096, "window_s": 86400}}
 *
 * All that a file says is checked when it is read; a member that nobody knows is refused, with the path to it. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapters/webhook/verify.h"

enum post_kind { POSTED_MESSAGE, POSTED_EDIT, POSTED_DELETE, POSTED_STATUS, POST_KINDS };

/* The fields that a read gives of each post; the texts have places (pick.h). */
enum post_field {
#define FIELD(name, must, doc) POST_##name,
#include "runtime/adapters/webhook/fields.def"
    POST_FIELDS
};

enum { ALTERNATIVES = 8, READS_MAX = 16, HEADERS_MAX_COUNT = 8, HOSTS_MAX_COUNT = 16, VISIBILITIES_MAX = 8 };

struct network_read {
    enum post_kind kind;
    const char *each;      /* the path to the posts */
    const char *when, *is; /* posts count whose value at the pointer `when` is `is`; NULL: each post counts */
    const char
        *fields[POST_FIELDS][ALTERNATIVES]; /* the first of them whose places all have values is taken; NULL: no more */
    const json_t *states;                   /* for a POSTED_STATUS: our state for each of the network's words */
    bool html;                              /* the texts of its posts are HTML */
};

struct network_write {
    const char *method, *url;
    const char *headers[HEADERS_MAX_COUNT]; /* "Name: value" with places */
    const json_t *body;                     /* the request's body; its texts have places */
    const json_t *template;                 /* the body of a template; NULL: the network has none */
    const char *id;                         /* the pointer to the message's id in the answer; NULL: none */
    const char *segments;                   /* the pointer to the number of short messages it took; NULL: none */
    const char *wait; /* the pointer to the seconds that the network wants us to wait; NULL: none */
    const char
        *visibilities[VISIBILITIES_MAX + 1]; /* its words for who may read a post, widest first; ends with NULL */
    bool repeatable;                         /* the network knows a message that is sent twice */
    bool form;                               /* the body is written as a form */
};

struct network {
    json_t *file; /* all texts are borrowed from it */
    const char *name;
    bool phones; /* customers are named by telephone numbers */
    bool texts;  /* it is a provider of short messages, not a network */
    bool form;   /* its requests are forms, each of which is read as an object of texts */
    struct webhook_verify verify;
    const char *challenge_token, *challenge_answer; /* names of fields of a query; NULL: none */
    struct network_read reads[READS_MAX];
    unsigned read_count;
    struct network_write write;
    struct network_media { /* how a file of a message is fetched */
        const char *find;  /* the address that is asked where the file is; NULL: the post says that */
        const char *found; /* the pointer to the file's address in the answer to `find` */
        const char *url;   /* the file's address, with places; NULL: files are not fetched */
        const char *headers[HEADERS_MAX_COUNT];
        const char *hosts[HOSTS_MAX_COUNT + 1];     /* further hosts that files may come from; ends with NULL */
        const char *own_hosts[HOSTS_MAX_COUNT + 1]; /* the network's own: they are sent the headers, too */
    } media;
    struct network_poll {
        const char *url; /* the address that is polled; NULL: the network calls us */
        uint64_t every_s;
        bool newest_first; /* the posts in the answer are ordered from new to old */
    } poll;
    uint64_t text_max, window_s; /* characters; seconds after a customer's last message, 0: no bound */
};

/* The place of this word among the visibilities; a word that the network's file does not name counts as the last, the
 * narrowest one. */
unsigned network_visibility(const struct network_write *, const char *word);

/* Reads a network's data file. NULL with the reason, which names the member that is wrong. */
struct network *network_open(const char *path, char *why, size_t why_size);
struct network *network_read_text(const char *text, char *why, size_t why_size);
void network_free(struct network *); /* NULL is allowed */

/* One post, as a network's request has it; borrowed while it is taken. */
struct post {
    enum post_kind kind;
    const char *fields[POST_FIELDS]; /* the post's fields; "": it has no such field */
    int64_t at_us;                   /* when it was written, by the network's clock; 0: not said */
};

enum { POSTS_MAX = 20000 }; /* more than a request of 1 MiB has */

struct posts_count {
    unsigned taken;
    unsigned passed; /* posts that no read of the file matches, or that are wrong */
    unsigned wrong;  /* those of `passed` without an id or a sender that is a text */
};
/* Calls `take` for each post of a request's body, in its order. False with the reason: it is no JSON. */
bool network_posts(const struct network *, const char *body, size_t length,
                   void (*take)(void *self, const struct post *), void *self, struct posts_count *, char *why,
                   size_t why_size);

/* The value at this path in an answer, which the caller frees; NULL: `path` is NULL, or the answer has no such
 * value. */
char *network_answer(const char *path, const GString *answer);

/* Gives the value of the place with this name (places.def); NULL: there is none. */
typedef const char *network_value(void *self, const char *name);
/* Fills in a body's places and returns it as JSON, which the caller frees; NULL: a value is missing. */
char *network_body(const json_t *body, network_value *, void *self);
/* Fills in a body whose members are texts, and returns it as a form, which the caller frees; NULL: a value is
 * missing. */
char *network_form(const json_t *body, network_value *, void *self);
/* Fills in a text's places, and returns the line; NULL: a value is missing, or would break the line. */
char *network_line(const char *text, bool in_address, network_value *, void *self);
