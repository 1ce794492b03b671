/* runtime/adapters/desk/login.c - Sessions: logging in by name and password, and how often a password may be
 * guessed.
 *
 * A session's life:
 *
 *     login_begin()    limits: guesses of this address and name, log-ins that wait in all and of the address
 *     login_work()     the guard's thread hashes; a name that does not exist costs as much (decoy)
 *     login_done()     the user must still be the same; a session is made, its token goes to the browser as a cookie
 *     session_of()     each request brings the cookie; the table is asked by the token's digest
 *     login_tick()     the end: its time, or another password, role or agent in the file of users
 *     session_end()    its connection is closed (GONE_OVER), and its row in the file of state is over
 *
 * Only the browser has the token itself; the desk has the token's digest. The CSRF token goes to the page, which
 * sends it as a header with all requests that change something. The password is kept only for the telephone, for
 * KEPT_MINUTES, or as long as a telephone waits for the T-Server; then it is overwritten. */
#include <assert.h>
#include <event2/http.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/worker.h"
#include "runtime/adapters/desk/desk.h"
#include "runtime/vocabulary/media.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"
#include "runtime/web/origins.h"
#include "runtime/adapters/desk/editors.h"
#include "runtime/adapters/desk/web.h"
#include "runtime/console/console.h"

enum {
    WAITING_MAX = 100,
    WAITING_OF_ONE = WAITING_MAX / 4, /* log-ins waiting from one address: a guesser leaves room for others */
    MINUTE_S = 60,
    MINUTE_US = 60000000,
    SESSIONS_OF_ONE = 20,
    SECRET_BYTES = 32
};

struct login {
    struct asker asker;
    char address[ADDRESS_TEXT], name[NAME_SIZE];
    char *password, hash[HASH_SIZE];
    bool known, good;
};

/* ---- sessions ---- */

static void login_secret(char text[SECRET])
{
    uint8_t bytes[SECRET_BYTES];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(text, SECRET, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void session_cookie(struct desk *desk, struct evhttp_request *http, const char *token, uint64_t life_s)
{
    char text[SECRET + 100];
    bool tls = *desk->setting.certificate || setting_yes(desk->setting.proxy);
    snprintf(text, sizeof text, "desk=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%llu%s", token,
             (unsigned long long)life_s, tls ? "; Secure" : "");
    reply_header(http, "Set-Cookie", text);
}

static void login_digest(const char *token, char id[DIGEST_TEXT])
{
    char *text = g_compute_checksum_for_string(G_CHECKSUM_SHA256, token, -1);
    text_set(id, DIGEST_TEXT, text);
    g_free(text);
}

static bool read_cookie(const char *cookies, char token[SECRET])
{
    char **all = g_strsplit(cookies, ";", 50);
    bool found = false;
    for (char **one = all; *one && !found; one++)
        found = g_str_has_prefix(g_strstrip(*one), "desk=") && text_set(token, SECRET, *one + strlen("desk="));
    g_strfreev(all);
    return found;
}

static struct desk_session *login_session_by(struct desk *desk, const char *cookies)
{
    char token[SECRET], id[DIGEST_TEXT];
    if (!read_cookie(cookies, token)) return NULL;
    login_digest(token, id);
    struct desk_session *session = g_hash_table_lookup(desk->sessions, id);
    if (!session || session->ends_us > desk_now_us(desk)) return session;
    session_end(desk, session);
    return NULL;
}

struct desk_session *session_of(struct desk *desk, struct evhttp_request *http)
{
    return login_session_by(desk, door_header(http, "Cookie"));
}

bool session_known(void *desk, const char *cookies)
{
    return login_session_by(desk, cookies) != NULL;
}

/* Ends a session. The session's agent stays for `grace`, as if the browser had gone. */
void session_end(struct desk *desk, struct desk_session *session)
{
    assert(g_hash_table_lookup(desk->sessions, session->id) == session);
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct desk_agent *agent = value;
        if (agent->session != session) continue;
        agent->session = NULL;
        door_end(desk->door, agent->ticket, GONE_OVER, "the session has ended");
    }
    console_session_over(desk->console, session);
    editors_session_over(desk, session);
    remember_session_over(session, desk);
    g_hash_table_remove(desk->sessions, session->id);
}

/* Is the session's password no longer needed? True after some time without a telephone, unless a telephone waits for
 * the T-Server. */
static bool is_unused(const struct desk *desk, const struct desk_session *session)
{
    const struct desk_agent *agent = g_hash_table_lookup(desk->agents, session->agent);
    return session->password && session->forget_us <= desk_now_us(desk) &&
           !(agent && agent->session == session && agent->phone);
}

static json_t *login_words(char **all)
{
    json_t *list = json_array();
    for (char **one = all; *one; one++) json_array_append_new(list, json_string(*one));
    return list;
}

/* The names of this desk's media; `conversations`: only media that are conversations. */
static json_t *login_media_listed(const struct desk_setting *setting, bool conversations)
{
    json_t *list = json_array();
    for (char **one = setting->all_media; *one; one++)
        if (!conversations || media_is_conversation((enum media)enum_value_media(*one, (uint32_t)strlen(*one))))
            json_array_append_new(list, json_string(*one));
    return list;
}

/* Returns what the page needs to know about its user and the desk's settings. */
json_t *session_shown(struct desk *desk, const struct desk_session *session)
{
    const struct desk_setting *setting = &desk->setting;
    json_t *shown = json_pack(
        "{s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:I, s:I, s:s, s:s, s:I, s:s, "
        "s:o, s:s, s:s, s:o, s:I}",
        "name", session->name, "agent", session->agent, "role", cti_role_name(session->role), "csrf", session->csrf,
        "expires", (json_int_t)session->ends_ms, "media", login_media_listed(setting, false), "conversations",
        login_media_listed(setting, true), "reasons", login_words(desk->reasons ? desk->reasons : setting->all_reasons),
        "wrapups", login_words(setting->all_wrapups), "queues", login_words(setting->all_queues), "workbins",
        login_words(setting->all_workbins), "data", login_words(setting->all_data), "phone", *setting->tserver != 0,
        "attachment_max", (json_int_t)setting->upload * 1024 * 1024, "grace", (json_int_t)setting->grace, "outbound",
        setting->outbound, "texts", setting->texts, "reply_within", (json_int_t)setting->reply_within, "softphone",
        setting->softphone, "asks", login_words(setting->all_asks), "asks_to", setting->asks_to, "texts_way",
        setting->texts_way, "views", login_words(setting->all_views), "undo", (json_int_t)setting->undo);
    json_object_set_new(shown, "call_queues", login_words(setting->all_call_queues));
    json_object_set(shown, "links", desk->links);
    json_object_set_new(shown, "tags", login_words(setting->all_tags));
    json_object_set_new(shown, "macros", desk->macros ? json_incref(desk->macros) : json_array());
    json_object_set_new(shown, "knowledge", json_boolean(desk->knowledge != NULL));
    json_object_set_new(shown, "reviews", json_boolean(*setting->forms));
    json_object_set_new(shown, "helper", json_boolean(desk->helper != NULL));
    json_object_set_new(shown, "editor", json_boolean(web_find("console/editor.js") != NULL));
    json_object_set_new(shown, "designer", json_boolean(desk_lets_design(desk, session->name)));
    return shown;
}

static bool is_oldest(const struct desk_session *one, const struct desk_session *other)
{
    return !other || one->ends_us < other->ends_us;
}

/* Ends the user's oldest session if the user has the most that are allowed. */
static void login_make_room(struct desk *desk, const char *name)
{
    GHashTableIter at;
    gpointer value;
    struct desk_session *oldest = NULL;
    unsigned count = 0;
    g_hash_table_iter_init(&at, desk->sessions);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct desk_session *session = value;
        if (strcmp(session->name, name) != 0) continue;
        count++;
        if (is_oldest(session, oldest)) oldest = session;
    }
    if (count >= SESSIONS_OF_ONE) session_end(desk, oldest);
    assert(!oldest == (count == 0));
}

/* Begins a session with two random secrets: the token, of which only the digest is kept, and the CSRF token, which
 * proves that a request comes from the page. */
static struct desk_session *session_new(struct desk *desk, const struct user *user, char token[SECRET])
{
    assert(*user->hash); /* login_begin() accepts no user without a password */
    struct desk_session *session = memory_zeroed(1, sizeof *session);
    login_make_room(desk, user->name);
    login_secret(token);
    login_digest(token, session->id);
    login_secret(session->csrf);
    text_set(session->name, sizeof session->name, user->name);
    text_set(session->agent, sizeof session->agent, *user->agent ? user->agent : user->name);
    text_set(session->hash, sizeof session->hash, user->hash);
    session->role = user->role;
    session->ends_us = desk_now_us(desk) + desk->setting.session * MINUTE_US;
    session->ends_ms = (int64_t)(desk->services->wall_us(desk->link) + desk->setting.session * MINUTE_US) / 1000;
    g_hash_table_insert(desk->sessions, session->id, session);
    remember_session(session, desk);
    return session;
}

/* ---- the origin of requests ---- */

/* Does `host` equal the name, with or without a port? */
static bool host_is(const char *host, const char *name)
{
    size_t length = strlen(name);
    return g_ascii_strncasecmp(host, name, length) == 0 && (host[length] == 0 || host[length] == ':');
}

/* Is `host` an IP address? Another site's owner can point a name at this machine, but cannot do so with an address. */
static bool host_is_address(const char *host)
{
    char *bare = g_strdup(*host == '[' ? host + 1 : host);
    bare[strcspn(bare, *host == '[' ? "]" : ":")] = 0;
    bool address = g_hostname_is_ip_address(bare);
    g_free(bare);
    return address;
}

/* Is `host` one of this desk's? If neither names nor origins are set, the certificate or the proxy's names keep
 * foreign names away. */
static bool host_is_ours(const struct desk *desk, const char *host)
{
    const struct desk_setting *setting = &desk->setting;
    if (host_is_address(host) || host_is(host, "localhost") || host_is(host, g_get_host_name())) return true;
    for (char **name = setting->all_names; *name; name++)
        if (host_is(host, *name)) return true;
    for (char **origin = setting->all_origins; *origin; origin++)
        if (g_ascii_strcasecmp(host, strstr(*origin, "://") + 3) == 0) return true;
    return !*setting->all_names && !*setting->all_origins && (*setting->certificate || setting_yes(setting->proxy));
}

const char *login_origin_wrong(const struct desk *desk, struct evhttp_request *http)
{
    const char *origin = door_header(http, "Origin"), *host = strstr(origin, "://");
    if (!host_is_ours(desk, door_header(http, "Host")))
        return "The header Host is no name of the desk's: `names` has them.";
    if (!*origin) return NULL; /* a program that is no browser does not send cookies of other sites */
    if (host && strcmp(host + 3, door_header(http, "Host")) == 0) return NULL;
    if (web_words_have(desk->setting.all_origins, origin)) return NULL;
    return "The request comes from another web site: `origins` names the desk's own.";
}

/* ---- passwords ---- */

/* Returns the key under which failed log-ins are counted: the name and the address. So a guesser locks the name for
 * one address, and the user can log in from another. */
static char *guess_key(const struct login *login)
{
    return g_strdup_printf("%s %s", login->address, login->name);
}

static unsigned login_guesses(struct desk *desk, const struct login *login, unsigned more)
{
    char *key = guess_key(login);
    unsigned count = GPOINTER_TO_UINT(g_hash_table_lookup(desk->guesses, key)) + more;
    if (more > 0)
        g_hash_table_insert(desk->guesses, key, GUINT_TO_POINTER(count));
    else
        g_free(key);
    return count;
}

/* Returns how many passwords from that address are being checked, after adding `more`. */
static unsigned logins_waiting(struct desk *desk, const char *address, int more)
{
    unsigned count = GPOINTER_TO_UINT(g_hash_table_lookup(desk->waiting, address)) + (unsigned)more;
    if (more != 0 && count > 0)
        g_hash_table_insert(desk->waiting, g_strdup(address), GUINT_TO_POINTER(count));
    else if (more != 0)
        g_hash_table_remove(desk->waiting, address);
    return count;
}

/* Starts a log-in. A name that no user has takes as long to refuse as a wrong password. A log-in counts as failed
 * until it has succeeded, so that many at once are not more than the limit. */
void login_begin(struct desk *desk, struct evhttp_request *http, const json_t *body)
{
    struct login *login = memory_zeroed(1, sizeof *login);
    text_set(login->name, sizeof login->name, json_string_value(json_object_get(body, "name")));
    door_address(desk->door, http, login->address);
    if (login_guesses(desk, login, 0) >= desk->setting.guesses_per_minute ||
        worker_waiting(desk->guard) >= WAITING_MAX || logins_waiting(desk, login->address, 0) >= WAITING_OF_ONE) {
        free(login);
        desk->services->count(desk->link, "logins_failed", 1);
        api_error(http, 429, "too_many", "Too many logins have failed; again in a minute.");
        return;
    }
    login_guesses(desk, login, 1);
    logins_waiting(desk, login->address, 1);
    const struct user *user = users_find(desk->users, login->name);
    login->known = user && *user->hash && user->role != ROLE_monitor;
    text_set(login->hash, sizeof login->hash, login->known ? user->hash : desk->users->decoy);
    login->password = g_strdup(json_string_value(json_object_get(body, "password")));
    asker_begin(&login->asker, http);
    worker_give(desk->guard, login);
}

/* Checks the password in the thread `guard`; uses nothing but the job. */
void login_work(void *self, void *given)
{
    struct login *login = given;
    assert(login->password && *login->hash);
    (void)self;
    login->good = crypto_pwhash_str_verify(login->hash, login->password, strlen(login->password)) == 0;
}

void login_dropped(void *self, void *given)
{
    struct login *login = given;
    logins_waiting(self, login->address, -1);
    (void)asker_end(&login->asker);
    sodium_memzero(login->password, strlen(login->password));
    g_free(login->password);
    free(login);
}

static void guess_forgive(struct desk *desk, const struct login *login)
{
    char *key = guess_key(login);
    unsigned count = GPOINTER_TO_UINT(g_hash_table_lookup(desk->guesses, key));
    if (count > 0) g_hash_table_insert(desk->guesses, g_strdup(key), GUINT_TO_POINTER(count - 1));
    g_free(key);
}

/* Ends a log-in in the loop's thread. The browser may have gone meanwhile: then no session is made. */
void login_done(void *self, void *given)
{
    struct desk *desk = self;
    struct login *login = given;
    /* The file of users may have been read again meanwhile. */
    const struct user *user = login->known && login->good ? users_find(desk->users, login->name) : NULL;
    if (user && strcmp(user->hash, login->hash) != 0) user = NULL;
    if (user) guess_forgive(desk, login);
    desk->services->count(desk->link, user ? "logins" : "logins_failed", 1);
    desk->services->log(desk->link, user ? GCX_LOG_INFO : GCX_LOG_WARNING, 0, 0, "%s of %s from %s",
                        user ? "log-in" : "wrong log-in", user ? login->name : "somebody", login->address);
    struct evhttp_request *http = asker_end(&login->asker);
    char token[SECRET];
    struct desk_session *session = http && user ? session_new(desk, user, token) : NULL;
    if (session && *desk->setting.tserver) session_keep_password(desk, session, login->password);
    login_dropped(self, login);
    if (!http) return;
    if (!session) {
        api_error(http, 401, "login", "Name or password is wrong.");
        return;
    }
    session_cookie(desk, http, token, desk->setting.session * 60);
    api_answer(http, HTTP_OK, session_shown(desk, session));
}

/* ---- time ---- */

/* Is the session over, in time or because its user has another password, role or agent now? */
static bool login_is_over(const struct desk *desk, const struct desk_session *session)
{
    const struct user *user = users_find(desk->users, session->name);
    return session->ends_us <= desk_now_us(desk) || !user || user->role != session->role ||
           strcmp(user->hash, session->hash) != 0 ||
           strcmp(*user->agent ? user->agent : user->name, session->agent) != 0;
}

bool login_users_again(void *self, struct watched_lost *lost, char *why, size_t why_size)
{
    struct desk *desk = self;
    struct users *fresh;
    bool good = users_again(desk->users, desk->setting.users, lost, &fresh, why, why_size);
    if (!fresh) return good;
    users_free(desk->users);
    desk->users = fresh;
    return true;
}

/* Each second. Failed log-ins are forgotten each minute, all at once. */
void login_tick(struct desk *desk)
{
    watched_tick(&desk->files);
    if (desk->second % MINUTE_S == 0) g_hash_table_remove_all(desk->guesses);
    GList *all = g_hash_table_get_values(desk->sessions);
    for (GList *one = all; one; one = one->next) {
        if (is_unused(desk, one->data)) session_forget_password(one->data);
        if (login_is_over(desk, one->data)) session_end(desk, one->data);
    }
    g_list_free(all);
}
