/* runtime/adapters/cti/client.c - Knows which user a client is: its greeting, its login, and what happens to it when
 * the users change. */
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/cti/client_data.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

enum { STRANGERS_LINE = 16384 }; /* most bytes of a line before a login */

/* --- Which user a client is --- */

static void client_greet(struct client *client)
{
    struct cti *cti = client->cti;
    enum client_event what = client->known ? notify_link_event(cti) : CLIENT_EventAuthenticationRequired;
    uint64_t id = client->id;
    json_t *event = cti_event_new(what);
    json_object_set_new(event, "Server", json_string(cti->name));
    json_object_set_new(event, "Protocol", json_integer(1));
    client_send(client, event);
    client = client_find(cti, id); /* a client that does not read was closed by the send */
    if (client && client->known) notify_reasons_to(cti, client);
}

void client_dismiss(struct client *client, enum code code, const char *text)
{
    struct cti *cti = client->cti;
    struct cti_asker asker = {.client = client->id};
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

/* Logs the client in as this user. False: the client may not stay. */
static bool client_become(struct client *client, const struct user *user, const char *how)
{
    assert(!client->known);
    struct cti *cti = client->cti;
    if (user && too_many_of(cti, user)) {
        client_dismiss(client, code_overload, "this user has too many connections");
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

/* Sends EventAuthenticated; with a new token for a client that logged in by a password or a token. */
static void send_who(struct client *client, uint64_t reference)
{
    const struct user *user = client->user;
    assert(user); /* only a client with a user gets to this function */
    json_t *event = json_pack("{s:s,s:s,s:s}", "Message", cti_event_name(CLIENT_EventAuthenticated), "User", user->name,
                              "Role", cti_role_name(user->role));
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

/* Gives a new token to each client whose token has used up half of its life. */
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
            i -= i < cti->client_count && cti->clients[i] == client
                     ? 0
                     : 1; /* a client that does not read was closed by the send */
        }
    }
}

static void tell_who(struct client *client, uint64_t reference)
{
    send_who(client, reference);
    client_greet(client);
}

/* Logs the client in by a password. A name that no user has takes as long as a wrong password: a decoy hash is
 * checked. */
void client_authenticate(struct client *client, const char *name, const char *password, uint64_t reference)
{
    struct cti *cti = client->cti;
    struct cti_asker asker = {.client = client->id, .reference = reference};
    if (client->known || client->login.running || !client->wire.verify) {
        notify_error(cti, &asker, NULL, 0, code_invalid_state,
                     client->known ? "this connection has its user already" : "one login at a time");
        return;
    }
    assert(cti->users); /* without a file of users nobody has to log in */
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

/* Logs the client in by a token. No password is hashed, so the answer comes at once; a refusal only says that the
 * token is not valid. */
void client_resume(struct client *client, const char *name, const char *token, uint64_t reference)
{
    struct cti *cti = client->cti;
    struct cti_asker asker = {.client = client->id, .reference = reference};
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
    } else if (client_become(client, user, "token")) {
        client->by_password = true;
        tell_who(client, reference);
    }
}

/* Takes the result of a password check from the thread. The user may have changed meanwhile: the hash that was checked
 * must still be the user's. */
void client_verified(struct client *client, enum verdict verdict)
{
    assert(client->login.running);
    struct cti *cti = client->cti;
    cti_clock(cti);
    const struct user *user = users_find(cti->users, client->login.user);
    struct cti_asker asker = {.client = client->id, .reference = client->login.reference};
    client->login.running = false;
    client->feeding = true;
    if (verdict == VERDICT_TOO_OFTEN) {
        notify_error(cti, &asker, NULL, 0, code_overload, "too many wrong passwords from this address; wait a minute");
    } else if (verdict == VERDICT_WRONG || !user || strcmp(user->hash, client->login.hash) != 0) {
        cti_log(cti, GCX_LOG_WARNING, NO_CALL, "client=%llx user=%s address=%s: login refused",
                (unsigned long long)client->id, client->login.user, client->address);
        notify_error(cti, &asker, NULL, 0, code_refused, "no such user, or another password");
    } else if (client_become(client, user, "password")) {
        client->by_password = true;
        tell_who(client, asker.reference);
    }
    client->feeding = false;
    if (client->ended) client_free(client);
}

/* --- When the file of users has changed --- */

static bool cti_same_text(const char *a, const char *b)
{
    return strcmp(!a ? "" : a, !b ? "" : b) == 0;
}

/* Has the user the same password and certificate as before, and the same agent if it had one? */
static bool same_person(const struct user *was, const struct user *is)
{
    return is && strcmp(is->hash, was->hash) == 0 && cti_same_text(is->certificate, was->certificate) &&
           (was->agent[0] == 0 || strcmp(is->agent, was->agent) == 0);
}

struct registration {
    struct cti_dn *dn;
    uint64_t client;
};

/* Returns the registrations that the users' rights allowed until now; malloc'ed. */
static struct registration *registrations_allowed(struct cti *cti, size_t *count)
{
    size_t room = 1;
    *count = 0;
    for (unsigned i = 0; i < cti->dns.count; i++) room += cti->dns.all[i]->client_count;
    struct registration *allowed = memory_zeroed(room, sizeof *allowed);
    for (unsigned i = 0; i < cti->dns.count; i++) {
        struct cti_dn *dn = cti->dns.all[i];
        for (unsigned k = 0; k < dn->client_count; k++) {
            const struct client *client = client_find(cti, dn->clients[k]);
            if (client && access_may(client, RIGHT_RequestRegisterAddress, dn->number))
                allowed[(*count)++] = (struct registration){dn, client->id};
        }
    }
    return allowed;
}

/* Ends registrations that the rights no longer allow, and tells the client. */
static void registrations_settle(struct cti *cti, const struct registration *allowed, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct cti_dn *dn = allowed[i].dn;
        struct client *client = client_find(cti, allowed[i].client);
        if (!client || !client->user /* a client whose user is gone is closed */ || !dn_has_client(dn, client->id) ||
            access_may(client, RIGHT_RequestRegisterAddress, dn->number))
            continue;
        dn_remove_client(dn, client->id);
        assert(client->registrations > 0);
        client->registrations--;
        cti_log(cti, GCX_LOG_INFO, NO_CALL, "EventUnregistered dn=%s client=%llx user=%s: its rights have changed",
                dn->number, (unsigned long long)client->id, client->user->name);
        client_send(client, json_pack("{s:s,s:s,s:s,s:s}", "Message", cti_event_name(CLIENT_EventUnregistered),
                                      "ThisDN", dn->number, "ErrorCode", enum_name_code(code_no_privilege),
                                      "ErrorMessage", "this user's rights have changed"));
    }
}

/* Replaces the users. Each client gets its new user, or none, before anything is sent to any client: sending may
 * close clients, and cause messages to others. For the same reason the clients are remembered by number and not by
 * pointer. */
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
            client_dismiss(client, code_no_privilege, "this user is no more, or is known otherwise now");
        else if (client)
            send_who(client, 0);
    }
    registrations_settle(cti, allowed, allowed_count);
    free(changed);
    free(allowed);
    users_free(before);
}

/* Finds the client's user by its certificate, or accepts it because there are no users; otherwise the client must
 * log in. */
static void client_introduce(struct client *client, const struct tls_names *names)
{
    struct cti *cti = client->cti;
    const struct user *user = !cti->users || !names ? NULL : users_shown(cti->users, names);
    if (names && names->count > 0 && cti->users && !user) {
        cti_log(cti, GCX_LOG_WARNING, NO_CALL, "client=%llx address=%s: its certificate (%s) is no user's",
                (unsigned long long)client->id, client->address, names->name[0]);
    }
    if (!cti->users || user) {
        if (!client_become(client, user, "certificate")) return;
    }
    if (user)
        tell_who(client, 0);
    else
        client_greet(client);
}

/* Makes a client. The client is put into the list before it is greeted, as the greeting may end it. */
struct client *client_new(struct cti *cti, const struct client_wire *wire, const struct client_peer *peer)
{
    assert(wire->close);
    struct client *client = memory_zeroed(1, sizeof *client);
    cti_clock(cti);
    client->cti = cti;
    client->wire = *wire;
    client->lines.limit = cti->limits.line_bytes < STRANGERS_LINE ? cti->limits.line_bytes : STRANGERS_LINE;
    text_set(client->address, sizeof client->address, !peer ? NULL : peer->address);
    /* a number that is never used again, not even by a later process of this adapter: the core remembers answers by
     * it */
    client->id = cti->next_client++;
    client->tokens_us = 1000000;
    client->refilled_us = cti->now_us;
    cti->clients = memory_more(cti->clients, cti->client_count, sizeof(struct client *));
    assert(cti->client_count == 0 ||
           cti->clients[cti->client_count - 1]->id < client->id); /* client_find() relies on rising ids */
    cti->clients[cti->client_count++] = client;
    client->feeding = true;
    client_introduce(client, !peer ? NULL : peer->names);
    client->feeding = false;
    if (client->ended) {
        client_free(client);
        return NULL;
    }
    return client;
}
