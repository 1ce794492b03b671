/* runtime/adapters/cti/client.c - A client's connection: lines in and out, its rate, and its end.
 *
 * A client's life:
 *
 *     client_new()            greeted; it may do all (no users), is known by its certificate, or must log in
 *     client_authenticate()   its password goes to the thread (logins.h); client_verified() comes back
 *     client_resume()         or a token, which is checked here
 *     become()                it is known: its lines may be long, and it may ask
 *     client_feed()           each line is a request: rate, form, then requests.c
 *     client_end()            it is out of every list; its asks go on without it
 *
 * Sending may end a client: one that does not read is closed within client_send(). So nobody keeps a pointer to a
 * client across a send; client_find() looks it up again by its number. A client that ends while its own bytes are
 * read (`feeding`) is freed when client_feed() is done. */
#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/address.h"
#include "runtime/adapters/cti/internal.h"
#include "runtime/adapters/cti/lines.h"
#include "runtime/adapters/cti/mend.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/memory.h"

enum {
    STRANGERS_LINE = 16384, /* enough to say who one is */
    PATIENCE = 10,          /* seconds' worth of requests that are refused in a row; then it is sent away */
};

struct client {
    struct cti *cti;
    struct client_wire wire;
    uint64_t id;
    struct lines lines;
    int64_t tokens_us; /* time saved up for requests: a second's worth at most */
    int64_t refilled_us;
    unsigned refused; /* lines in a row, as there were too many */
    bool feeding;     /* inside client_feed(): freed when that ends */
    bool ended;
    char address[ADDRESS_TEXT];
    bool known;              /* it may do something */
    const struct user *user; /* as whom; NULL: users are not told apart */
    bool by_password;        /* or by a token: it has been given one */
    int64_t token_us;        /* and when that was last */
    struct {
        bool running;
        char user[NAME_SIZE], hash[HASH_SIZE];
        uint64_t reference;
    } login;
    unsigned registrations;
};

uint64_t client_id(const struct client *client)
{
    return client->id;
}

bool client_is_known(const struct client *client)
{
    return client->known;
}

const struct user *client_user(const struct client *client)
{
    return client->user;
}

struct cti *client_cti(const struct client *client)
{
    return client->cti;
}

unsigned *client_registrations(struct client *client)
{
    return &client->registrations;
}

struct client *client_find(struct cti *cti, uint64_t id)
{
    unsigned low = 0, high = cti->client_count; /* they come in the order of their numbers */
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (cti->clients[middle]->id == id) return cti->clients[middle];
        if (cti->clients[middle]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static void leave_agents(struct cti *cti, uint64_t id);

static void client_free(struct client *client)
{
    cti_lines_free(&client->lines);
    free(client);
}

/* Its DNs, its agents and its asks forget it. Calls stay. */
static void client_end(struct client *client)
{
    struct cti *cti = client->cti;
    if (client->ended) return;
    client->ended = true;
    for (unsigned i = 0; i < cti->client_count; i++) {
        if (cti->clients[i] == client) {
            cti->client_count--;
            memmove(cti->clients + i, cti->clients + i + 1, (cti->client_count - i) * sizeof(struct client *));
            break;
        }
    }
    for (unsigned i = 0; i < cti->dns.count; i++) dn_remove_client(cti->dns.all[i], client->id);
    asks_forget_client(&cti->asks, client->id);
    leave_agents(cti, client->id);
    if (!client->feeding) client_free(client);
}

static void post_client(struct cti *cti, const struct agent_session *session, uint64_t id, bool up)
{
    struct asker asker = {.client = id};
    struct writer *writer = post_begin(cti, KIND_EventClient, NULL, &asker);
    writer_u(writer, EventClient_up, up);
    writer_text(writer, EventClient_agent, session->agent);
    writer_text(writer, EventClient_place, session->dn);
    writer_list_begin(writer, EventClient_media);
    writer_list_u(writer, media_voice);
    writer_list_end(writer);
    post_end(cti, NULL, NULL);
}

void client_join(struct cti *cti, struct agent_session *session, uint64_t id)
{
    bool first = session->client_count == 0;
    session_join(session, id);
    for (struct agent_session *also = agents_of(&cti->agents, session->agent); also; also = also->also)
        also->logout_at_us = 0;
    if (first) post_client(cti, session, id, true);
}

static void ask_not_ready(struct cti *cti, const struct agent_session *session)
{
    struct kv reasons;
    kv_init(&reasons);
    kv_put_bool(&reasons, "desktop_lost", true);
    struct agent_ask change = {.agent = session->agent,
                               .dn = session->dn,
                               .queue = session->queue,
                               .state = agent_state_not_ready,
                               .reasons = kv_span(&reasons)};
    cti->ops->agent(cti->self, 0, &change);
    kv_free(&reasons);
}

/* The agent whose last desktop is lost takes no calls at once, and is logged out if it does not come back. */
static void leave_agents(struct cti *cti, uint64_t id)
{
    for (struct agent_session *session = cti->agents.first; session; session = session->next) {
        if (!agent_session_leave(session, id) || agents_have_desktop(&cti->agents, session->agent)) continue;
        cti_log(cti, GCX_LOG_WARNING, NO_CALL, "EventClient agent=%s dn=%s desktop lost", session->agent, session->dn);
        for (struct agent_session *also = agents_of(&cti->agents, session->agent); also; also = also->also)
            also->logout_at_us = cti->now_us + cti->desktop_grace_us;
        post_client(cti, session, id, false);
        bool stays = !session->leaving && session->state != agent_state_not_ready;
        if (stays && cti->switch_up && !cti->aside) ask_not_ready(cti, session);
    }
}

void clients_settle(struct cti *cti)
{
    for (struct agent_session *session = cti->agents.first; session; session = session->next)
        if (session->logout_at_us != 0 && session->state != agent_state_not_ready && !cti->aside)
            ask_not_ready(cti, session);
}

static void client_close(struct client *client)
{
    if (!client->ended) {
        client->wire.close(client->wire.self);
        client_end(client);
    }
}

void client_lost(struct client *client)
{
    client_end(client);
}

void clients_free(struct cti *cti)
{
    while (cti->client_count > 0) {
        struct client *client = cti->clients[--cti->client_count];
        client->wire.close(client->wire.self);
        client_free(client);
    }
    free(cti->clients);
    cti->clients = NULL;
}

/* The client sees the event without what it may not see (client_view). The reference to `event` is taken. */
void client_send(struct client *client, json_t *event)
{
    event = client_view(client, event);
    char *text = json_dumps(event, JSON_COMPACT);
    json_decref(event);
    if (!text || client->ended) {
        free(text);
        return;
    }
    size_t length = strlen(text);
    text[length] = '\n'; /* in place of its zero */
    bool sent = client->wire.send(client->wire.self, text, length + 1);
    free(text);
    if (!sent) {
        cti_log(client->cti, GCX_LOG_WARNING, NO_CALL, "client=%llx user=%s address=%s does not read: closed",
                (unsigned long long)client->id, !client->user ? "" : client->user->name, client->address);
        client_close(client);
    }
}

/* --- Who it is --- */

static void greet(struct client *client)
{
    struct cti *cti = client->cti;
    enum client_event what = client->known ? link_event(cti) : CLIENT_EventAuthenticationRequired;
    uint64_t id = client->id;
    json_t *event = client_event_new(what);
    json_object_set_new(event, "Server", json_string(cti->name));
    json_object_set_new(event, "Protocol", json_integer(1));
    client_send(client, event);
    client = client_find(cti, id); /* who does not read is gone by it */
    if (client && client->known) notify_reasons_to(cti, client);
}

/* The last words to a client that may not stay: where it does not read them, it is gone by them. */
static void dismiss(struct client *client, enum code code, const char *text)
{
    struct cti *cti = client->cti;
    struct asker asker = {.client = client->id};
    notify_error(cti, &asker, NULL, 0, code, text);
    client = client_find(cti, asker.client);
    if (client) client_close(client);
}

static bool too_many_of(const struct cti *cti, const struct user *user)
{
    unsigned count = 0;
    for (unsigned i = 0; i < cti->client_count; i++) count += cti->clients[i]->user == user;
    return count >= cti->limits.connections_per_user;
}

/* False: it may not stay. */
static bool become(struct client *client, const struct user *user, const char *how)
{
    assert(!client->known);
    struct cti *cti = client->cti;
    if (user && too_many_of(cti, user)) {
        dismiss(client, code_overload, "this user has too many connections");
        return false;
    }
    client->user = user;
    client->known = true;
    client->lines.limit = cti->limits.line_bytes;
    if (client->wire.known) client->wire.known(client->wire.self);
    if (user) {
        cti_log(cti, GCX_LOG_INFO, NO_CALL, "EventAuthenticated client=%llx user=%s role=%s address=%s by %s",
                (unsigned long long)client->id, user->name, cti_role_name(user->role), client->address, how);
    }
    return true;
}

static int64_t wall_s(const struct cti *cti)
{
    return cti_wall(cti, cti->now_us) / 1000000;
}

/* EventAuthenticated; with a new token for those who logged in by a password or a token. */
static void send_who(struct client *client, uint64_t reference)
{
    const struct user *user = client->user;
    assert(user); /* only somebody is told who it is */
    json_t *event = json_pack("{s:s,s:s,s:s}", "Message", client_event_name(CLIENT_EventAuthenticated), "User",
                              user->name, "Role", cti_role_name(user->role));
    if (user->agent[0] != 0) json_object_set_new(event, "AgentID", json_string(user->agent));
    if (client->by_password && client->cti->tokens && user->hash[0] != 0) {
        char token[TOKEN_SIZE];
        token_make(client->cti->tokens, user, wall_s(client->cti), token);
        json_object_set_new(event, "Token", json_string(token));
        client->token_us = client->cti->now_us;
        sodium_memzero(token, sizeof token);
    }
    if (reference != 0) json_object_set_new(event, "ReferenceID", json_integer((json_int_t)reference));
    client_send(client, event);
}

/* A token in use is renewed long before it ends. */
void clients_renew_tokens(struct cti *cti)
{
    enum { LOOK_US = 60000000 };
    const int64_t half_us = (int64_t)TOKEN_LIFE_S * 1000000 / 2;
    if (!cti->tokens || cti->now_us - cti->tokens_looked_us < LOOK_US) return;
    cti->tokens_looked_us = cti->now_us;
    for (unsigned i = 0; i < cti->client_count; i++) {
        struct client *client = cti->clients[i];
        if (client->by_password && cti->now_us - client->token_us >= half_us) {
            send_who(client, 0);
            i -= i < cti->client_count && cti->clients[i] == client ? 0 : 1; /* who does not read is gone by it */
        }
    }
}

static void tell_who(struct client *client, uint64_t reference)
{
    send_who(client, reference);
    greet(client);
}

/* A user who does not exist costs as long as a wrong password: the decoy is hashed. */
void client_authenticate(struct client *client, const char *name, const char *password, uint64_t reference)
{
    struct cti *cti = client->cti;
    struct asker asker = {.client = client->id, .reference = reference};
    if (client->known || client->login.running || !client->wire.verify) {
        notify_error(cti, &asker, NULL, 0, code_invalid_state,
                     client->known ? "this connection has its user already" : "one login at a time");
        return;
    }
    assert(cti->users); /* without users all are known */
    const struct user *user = users_find(cti->users, name);
    const char *hash = user && user->hash[0] != 0 ? user->hash : cti->users->decoy;
    if (!client->wire.verify(client->wire.self, hash, password)) {
        notify_error(cti, &asker, NULL, 0, code_overload, "too many logins wait; try again");
        return;
    }
    client->login.running = true;
    client->login.reference = reference;
    text_set(client->login.user, sizeof client->login.user, name);
    text_set(client->login.hash, sizeof client->login.hash, hash);
}

/* Nothing is hashed, so nobody waits for it; and nothing is told but that it is of no use. */
void client_resume(struct client *client, const char *name, const char *token, uint64_t reference)
{
    struct cti *cti = client->cti;
    struct asker asker = {.client = client->id, .reference = reference};
    if (client->known || client->login.running) {
        notify_error(cti, &asker, NULL, 0, code_invalid_state,
                     client->known ? "this connection has its user already" : "one login at a time");
        return;
    }
    assert(cti->users);
    const struct user *user = users_find(cti->users, name);
    if (!cti->tokens || !user || !token_good(cti->tokens, user, token, wall_s(cti))) {
        cti_log(cti, GCX_LOG_INFO, NO_CALL, "client=%llx user=%s address=%s: token refused",
                (unsigned long long)client->id, name, client->address);
        notify_error(cti, &asker, NULL, 0, code_refused,
                     "this token is not good, or no longer: log in with the password");
    } else if (become(client, user, "token")) {
        client->by_password = true;
        tell_who(client, reference);
    }
}

/* The thread's answer. The user may have changed meanwhile: the hash that was looked at must still be the user's. */
void client_verified(struct client *client, enum verdict verdict)
{
    assert(client->login.running);
    struct cti *cti = client->cti;
    cti_clock(cti);
    const struct user *user = users_find(cti->users, client->login.user);
    struct asker asker = {.client = client->id, .reference = client->login.reference};
    client->login.running = false;
    client->feeding = true;
    if (verdict == VERDICT_TOO_OFTEN) {
        notify_error(cti, &asker, NULL, 0, code_overload, "too many wrong passwords from this address; wait a minute");
    } else if (verdict == VERDICT_WRONG || !user || strcmp(user->hash, client->login.hash) != 0) {
        cti_log(cti, GCX_LOG_WARNING, NO_CALL, "client=%llx user=%s address=%s: login refused",
                (unsigned long long)client->id, client->login.user, client->address);
        notify_error(cti, &asker, NULL, 0, code_refused, "no such user, or another password");
    } else if (become(client, user, "password")) {
        client->by_password = true;
        tell_who(client, asker.reference);
    }
    client->feeding = false;
    if (client->ended) client_free(client);
}

/* --- Other users --- */

static bool cti_same_text(const char *a, const char *b)
{
    return strcmp(!a ? "" : a, !b ? "" : b) == 0;
}

/* Is it known by what it was known by, and acts for whom it acted for? */
static bool same_person(const struct user *was, const struct user *is)
{
    return is && strcmp(is->hash, was->hash) == 0 && cti_same_text(is->certificate, was->certificate) &&
           (was->agent[0] == 0 || strcmp(is->agent, was->agent) == 0);
}

struct registration {
    struct dn *dn;
    uint64_t client;
};

/* The registrations that the users' rights allowed until now; malloc'ed. */
static struct registration *registrations_allowed(struct cti *cti, size_t *count)
{
    size_t room = 1;
    *count = 0;
    for (unsigned i = 0; i < cti->dns.count; i++) room += cti->dns.all[i]->client_count;
    struct registration *allowed = memory_zeroed(room, sizeof *allowed);
    for (unsigned i = 0; i < cti->dns.count; i++) {
        struct dn *dn = cti->dns.all[i];
        for (unsigned k = 0; k < dn->client_count; k++) {
            const struct client *client = client_find(cti, dn->clients[k]);
            if (client && client_may(client, RIGHT_RequestRegisterAddress, dn->number))
                allowed[(*count)++] = (struct registration){dn, client->id};
        }
    }
    return allowed;
}

/* Registrations that the rights no longer allow end, and the client is told. */
static void registrations_settle(struct cti *cti, const struct registration *allowed, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct dn *dn = allowed[i].dn;
        struct client *client = client_find(cti, allowed[i].client);
        if (!client || !client->user /* who is nobody now is sent away */ || !dn_has_client(dn, client->id) ||
            client_may(client, RIGHT_RequestRegisterAddress, dn->number))
            continue;
        dn_remove_client(dn, client->id);
        assert(client->registrations > 0);
        client->registrations--;
        cti_log(cti, GCX_LOG_INFO, NO_CALL, "EventUnregistered dn=%s client=%llx user=%s: its rights have changed",
                dn->number, (unsigned long long)client->id, client->user->name);
        client_send(client, json_pack("{s:s,s:s,s:s,s:s}", "Message", client_event_name(CLIENT_EventUnregistered),
                                      "ThisDN", dn->number, "ErrorCode", enum_name_code(code_no_privilege),
                                      "ErrorMessage", "this user's rights have changed"));
    }
}

/* Everybody is somebody of the new users, or nobody, before anybody is told anything: what is sent may close clients,
 * and have others asked and told. Hence numbers, too, not pointers. */
void cti_set_users(struct cti *cti, struct users *users)
{
    struct users *before = cti->users;
    size_t allowed_count, changed_count = 0;
    struct registration *allowed = registrations_allowed(cti, &allowed_count);
    uint64_t *changed = memory_zeroed(cti->client_count + 1, sizeof *changed);
    cti->users = users;
    for (unsigned i = 0; i < cti->client_count; i++) {
        struct client *client = cti->clients[i];
        const struct user *was = client->user, *is = !was ? NULL : users_find(users, was->name);
        client->user = !was || !same_person(was, is) ? NULL : is;
        if (was && (!client->user || is->role != was->role)) changed[changed_count++] = client->id;
    }
    assert(changed_count <= cti->client_count);
    for (size_t i = 0; i < changed_count; i++) {
        struct client *client = client_find(cti, changed[i]);
        if (client && !client->user)
            dismiss(client, code_no_privilege, "this user is no more, or is known otherwise now");
        else if (client)
            send_who(client, 0);
    }
    registrations_settle(cti, allowed, allowed_count);
    free(changed);
    free(allowed);
    users_free(before);
}

/* By its certificate, or because all are welcome; else it must log in. */
static void introduce(struct client *client, const struct tls_names *names)
{
    struct cti *cti = client->cti;
    const struct user *user = !cti->users || !names ? NULL : users_shown(cti->users, names);
    if (names && names->count > 0 && cti->users && !user) {
        cti_log(cti, GCX_LOG_WARNING, NO_CALL, "client=%llx address=%s: its certificate (%s) is no user's",
                (unsigned long long)client->id, client->address, names->name[0]);
    }
    if (!cti->users || user) {
        if (!become(client, user, "certificate")) return;
    }
    if (user)
        tell_who(client, 0);
    else
        greet(client);
}

/* The client is in the list before it is greeted, as the greeting may end it. */
struct client *client_new(struct cti *cti, const struct client_wire *wire, const struct client_peer *peer)
{
    assert(wire->close);
    struct client *client = memory_zeroed(1, sizeof *client);
    cti_clock(cti);
    client->cti = cti;
    client->wire = *wire;
    client->lines.limit = cti->limits.line_bytes < STRANGERS_LINE ? cti->limits.line_bytes : STRANGERS_LINE;
    text_set(client->address, sizeof client->address, !peer ? NULL : peer->address);
    /* Never used again, by another process of this adapter neither: the core remembers answers by it. */
    client->id = cti->next_client++;
    client->tokens_us = 1000000;
    client->refilled_us = cti->now_us;
    cti->clients = memory_more(cti->clients, cti->client_count, sizeof(struct client *));
    assert(cti->client_count == 0 ||
           cti->clients[cti->client_count - 1]->id < client->id); /* client_find() relies on it */
    cti->clients[cti->client_count++] = client;
    client->feeding = true;
    introduce(client, !peer ? NULL : peer->names);
    client->feeding = false;
    if (client->ended) {
        client_free(client);
        return NULL;
    }
    return client;
}

/* --- What it asks --- */

/* One request costs its part of a second of time saved. */
static bool client_may_ask(struct client *client)
{
    assert(client->cti->limits.requests_a_second > 0);
    int64_t now_us = client->cti->now_us, cost = 1000000 / (int64_t)client->cti->limits.requests_a_second;
    client->tokens_us += now_us > client->refilled_us ? now_us - client->refilled_us : 0;
    client->tokens_us = client->tokens_us > 1000000 ? 1000000 : client->tokens_us;
    client->refilled_us = now_us;
    if (client->tokens_us < cost) return false;
    client->tokens_us -= cost;
    return true;
}

/* Nothing of a password or token stays in memory that is used for something else next. A message that could not be read
 * may hold a secret. */
static void forget_secrets(json_t *request, char *text, size_t length)
{
    if (!json_is_object(request)) sodium_memzero(text, length);
    static const char *const secrets[] = {"Password", "Token"};
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        const json_t *secret = json_object_get(request, secrets[i]);
        if (json_is_string(secret)) {
            sodium_memzero((char *)(uintptr_t)json_string_value(secret), json_string_length(secret));
            sodium_memzero(text, length);
        }
    }
}

/* A client that goes on regardless would only keep us and the log busy. */
static void refuse_rate(struct client *client, const json_t *request)
{
    struct cti *cti = client->cti;
    json_int_t reference = json_integer_value(json_object_get(request, "ReferenceID"));
    struct asker asker = {.client = client->id, .reference = reference > 0 ? (uint64_t)reference : 0};
    char text[64];
    snprintf(text, sizeof text, "more than %u requests in a second", cti->limits.requests_a_second);
    if (client->refused++ == 0) {
        cti_log(cti, GCX_LOG_WARNING, NO_CALL, "client=%llx user=%s address=%s: %s", (unsigned long long)client->id,
                !client->user ? "" : client->user->name, client->address, text);
    }
    if (client->refused > PATIENCE * cti->limits.requests_a_second)
        dismiss(client, code_overload, text);
    else
        notify_error(cti, &asker, NULL, 0, code_overload, text);
}

/* `position`: where it could not be read; jansson's own text ends in a piece of it, which may be a password. */
static void take_request(struct client *client, const json_t *request, const struct mended *mended, int position)
{
    struct cti *cti = client->cti;
    struct asker asker = {.client = client->id};
    json_int_t reference = json_integer_value(json_object_get(request, "ReferenceID"));
    if (!json_is_object(request)) {
        char text[64] = "not a JSON object: another value";
        if (!request) snprintf(text, sizeof text, "not a JSON object: it cannot be read, at byte %d", position);
        notify_error(cti, &asker, NULL, 0, code_invalid_attribute, text);
    } else if (reference <= 0) {
        notify_error(cti, &asker, NULL, 0, code_invalid_attribute, "ReferenceID is a number above 0");
    } else if (mended->count > 0) {
        char text[MENDED_SHOWN + 64];
        snprintf(text, sizeof text, "it holds what is no text: %s", mended->shown);
        asker.reference = (uint64_t)reference;
        notify_error(cti, &asker, NULL, 0, code_invalid_attribute, text);
    } else {
        request_perform(client, cti, request, (uint64_t)reference);
    }
}

/* One line. Its text is overwritten where a secret stood in it, whether it was understood or not. */
static bool client_line(void *self, char *text, size_t length)
{
    struct client *client = self;
    json_error_t why;
    struct mended mended;
    json_t *request = json_read_line(text, length, JSON_REJECT_DUPLICATES, &mended, &why);
    if (client_may_ask(client)) {
        client->refused = 0;
        take_request(client, request, &mended, why.position);
    } else {
        refuse_rate(client, request);
    }
    forget_secrets(request, text, length);
    json_decref(request);
    return !client->ended;
}

/* The connection's bytes. A line without end closes the client: nothing more can be read from it. */
void client_feed(struct client *client, const char *bytes, size_t length)
{
    assert(!client->feeding && !client->ended);
    struct cti *cti = client->cti;
    cti_clock(cti);
    client->feeding = true;
    bool whole = lines_feed(&client->lines, bytes, length, client_line, client);
    if (!whole && !client->ended) {
        char text[64];
        snprintf(text, sizeof text, "a line has at most %zu bytes", client->lines.limit);
        dismiss(client, code_too_large, text);
    }
    client->feeding = false;
    if (client->ended) client_free(client);
}
