/* runtime/adapters/chat/chat.h - The plugin `chat`: brings browsers into conversations (conversation.h).
 *
 * A session is a conversation with a token, which only its customer knows: the contact store has a digest of it. A
 * session outlives its connection for a time, and also a restart of the process. This plugin has the connections and
 * their messages, the tokens, and the files that are sent by separate HTTP requests.
 *
 * A line of a chat is not queued by the conversations' post office, since it waits for no network. A customer's line
 * is kept in the contact store, or else the browser sends it again under the same id; an agent's line is read from
 * the contact store when the browser comes back. The post office does the rest: the thread, the contact store, the
 * clock, and the question to the core about chats whose end is unknown. */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapters/chat/setting.h"
#include "runtime/adapters/conversation/conversation.h"
#include "runtime/web/door.h"
#include "runtime/web/languages.h"

struct evhttp_request;
struct callbacks;

enum {
    CHAT_TOKEN = 44,  /* 32 bytes in base64, with the terminating zero */
    CHAT_DIGEST = 65, /* SHA-256 in base 16, with the terminating zero */
    DOOR_TAKEN = 4001 /* WebSocket close code: another connection has resumed the chat */
};

struct chat_session {
    struct conversation conversation; /* first */
    struct chat *chat;
    char token[CHAT_TOKEN]; /* "": restored after a restart, and its customer has not resumed it yet */
    char digest[CHAT_DIGEST];
    bool greeted;      /* its customer was told that the session has begun */
    uint64_t ticket;   /* the ticket of its connection; 0: it has none now */
    uint64_t gone_us;  /* since when the session has no connection */
    GHashTable *files; /* names of the files that its customer has brought, by number; NULL: none */
    unsigned brought;  /* number of files that the customer has brought or is bringing */
};

struct chat {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct chat_setting setting;
    struct conversations conversations;
    struct languages *languages; /* of the widget */
    struct door *door;
    GHashTable *tokens;          /* of struct chat_session, by the digest of `token` */
    GHashTable *tickets;         /* of struct chat_session, by `ticket` */
    struct callbacks *callbacks; /* NULL: call-backs are not offered */
    uint64_t held;               /* bytes of the files that are being brought or fetched */
};

static inline struct chat_session *chat_session(struct conversation *conversation)
{
    return (struct chat_session *)conversation;
}

/* widget.c: the widget and its texts. */
extern const char chat_widget[];
extern const struct language_file chat_languages[];

/* session.c: sessions, and what is sent to their customers. */
extern const struct conversation_way chat_way;
/* Begins a session for a connection. False: there are too many sessions. */
bool session_begin(struct chat *, uint64_t ticket, const struct caller *);
void session_resume(struct chat_session *, uint64_t ticket, int64_t after);

/* chat.c: customers' messages. */
void chat_heard(void *chat, uint64_t ticket, const char *text, size_t length);
void chat_gone(void *chat, uint64_t ticket);

/* entry.c: HTTP. */
void chat_request(void *chat, struct evhttp_request *);

/* page.c: answers to pages of other sites. */
void page_headers_all(struct evhttp_request *); /* adds the headers that every HTTP answer has */
/* Adds the headers that let the page read the answer, if its site is one of the allowed origins. */
void page_headers(struct evhttp_request *);
/* Answers a browser that asks whether a page of another site may send these methods and headers. */
void page_allow(struct evhttp_request *, const char *methods, const char *headers);
void chat_error(struct chat *, uint64_t ticket, const char *code, const char *id);
void chat_digest(const char *token, char digest[CHAT_DIGEST]);
/* Finds the session with this token. NULL: no session has it. */
struct chat_session *session_of_token(const struct chat *, const char *token);

/* file.c: files that are sent by HTTP next to the chat's connection. */
void file_request(struct chat *, struct evhttp_request *, const char *path);
void file_done(struct conversation_job *); /* the job's asker is a struct evhttp_request; NULL: no request waits */
void file_dropped(struct conversation_job *);
bool file_known(void *chat, const char *authorization);
/* which files customers may bring; NULL: files are not allowed */
json_t *file_rules(const struct chat *);
const char *file_name_of(const struct chat_session *, int64_t file); /* NULL: the customer has brought no such file */
