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
    const char *each;                              /* the path to the posts */
    const char *when, *is;                         /* a pointer, and its value; NULL: each post counts */
    const char *fields[POST_FIELDS][ALTERNATIVES]; /* the first that has all its values; NULL: no more */
    const json_t *states;                          /* of a status: the network's words, and ours */
    bool html;                                     /* its texts are HTML */
};

struct network_write {
    const char *method, *url;
    const char *headers[HEADERS_MAX_COUNT];         /* "Name: value" with places */
    const json_t *body;                             /* texts within have places */
    const json_t *template;                         /* the body of a template; NULL: the network has none */
    const char *id;                                 /* the pointer to the message's id in the answer; NULL: none */
    const char *segments;                           /* and to the number of short messages that it was; NULL: none */
    const char *wait;                               /* and to the seconds that it wants us to wait; NULL: none */
    const char *visibilities[VISIBILITIES_MAX + 1]; /* from everybody to few; ends with NULL */
    bool repeatable;                                /* the network knows a message that is sent twice */
    bool form;                                      /* the body is written as a form */
};

struct network {
    json_t *file; /* all texts are borrowed from it */
    const char *name;
    bool phones; /* its people are named by telephone numbers */
    bool texts;  /* what comes are short messages: a provider of those, not a network */
    bool form;   /* its requests are forms, each of which is read as an object of texts */
    struct webhook_verify verify;
    const char *challenge_token, *challenge_answer; /* names of fields of a query; NULL: none */
    struct network_read reads[READS_MAX];
    unsigned read_count;
    struct network_write write;
    struct network_media { /* how a file of a message is fetched */
        const char *find;  /* the address that says where it is; NULL: that is known */
        const char *found; /* the path to it in the answer */
        const char *url;   /* NULL: files are not fetched */
        const char *headers[HEADERS_MAX_COUNT];
        const char *hosts[HOSTS_MAX_COUNT + 1];     /* besides that of the API; ends with NULL */
        const char *own_hosts[HOSTS_MAX_COUNT + 1]; /* of the network's own: they get the headers, too */
    } media;
    struct network_poll {
        const char *url; /* NULL: it calls us */
        uint64_t every_s;
        bool newest_first; /* the list that it answers */
    } poll;
    uint64_t text_max, window_s; /* characters; seconds after a customer's last message, 0: no bound */
};

/* Its place among them; a word that the network's file does not name is taken for the last, the narrowest one. */
unsigned network_visibility(const struct network_write *, const char *word);

/* NULL with the reason, which names the member. */
struct network *network_open(const char *path, char *why, size_t why_size);
struct network *network_read_text(const char *text, char *why, size_t why_size);
void network_free(struct network *); /* NULL is allowed */

/* One post, as a network's request has it; borrowed while it is taken. */
struct post {
    enum post_kind kind;
    const char *fields[POST_FIELDS]; /* "": it has none */
    int64_t at_us;                   /* 0: it does not say */
};

enum { POSTS_MAX = 20000 }; /* more than a request of 1 MiB has */

struct posts_count {
    unsigned taken;
    unsigned passed; /* nobody reads them, or they are wrong */
    unsigned wrong;  /* of those: they have no id or no sender, or one that is no text */
};
/* Calls `take` for each post of a request's body, in its order. False with the reason: it is no JSON. */
bool network_posts(const struct network *, const char *body, size_t length,
                   void (*take)(void *self, const struct post *), void *self, struct posts_count *, char *why,
                   size_t why_size);

/* The value of that path in an answer, which the caller frees; NULL: there is no path, or no such value. */
char *network_answer(const char *path, const GString *answer);

/* The value of that name (places.def); NULL: there is none. */
typedef const char *network_value(void *self, const char *name);
/* The body of the request, which the caller frees; NULL: a value is missing. */
char *network_body(const json_t *body, network_value *, void *self);
/* The same as a form, of a body whose members are texts. */
char *network_form(const json_t *body, network_value *, void *self);
/* A text with places, filled in with what is written; NULL: a value is missing, or would break the line. */
char *network_line(const char *text, bool in_address, network_value *, void *self);
