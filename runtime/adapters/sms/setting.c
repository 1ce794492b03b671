/* runtime/adapters/sms/setting.c - Reads and checks the settings of the adapter of short messages.
 *
 *     numbers   = +4915112345=sales,4711=support
 *     sessions  = +4915112345:chat=^(hi|hello) *:inbox
 *     peers     = a file: SYSTEM_ID PASSWORD, one line each
 *
 * The settings are read in the order in which they depend on each other: secrets, network, words, servers, numbers,
 * and then settings that name a number. */
#include "runtime/adapters/sms/setting.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/address.h"
#include "runtime/adapter/watched.h"
#include "runtime/vocabulary/reserved.h"
#include "runtime/sql/sql.h"
#include "runtime/vocabulary/bytes.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/why.h"

enum { PATTERN_BYTES = 1000, PEERS_FILE_MAX = 1024 * 1024 };
#define SETTINGS_DEF    "runtime/adapters/sms/settings.def"
#define SETTINGS_STRUCT struct sms_setting
#include "runtime/adapter/settings_rows.h"

/* Adds a route, and changes `word`. The pattern is compiled once, here, and matches in any case. */
static bool sms_add_route(struct sms_setting *setting, char *word, char *why, size_t why_size)
{
    struct setting_route *row = &setting->routes[setting->route_count];
    char *pattern = strchr(word, '='), *queue;
    GError *error = NULL;
    if (pattern) *pattern++ = 0;
    if ((queue = strchr(word, ':'))) *queue++ = 0;
    bool any = strcmp(word, "*") == 0;
    if ((!any && (!*word || !numbers_find(&setting->own_numbers, word))) || (queue && !*queue) ||
        (pattern && !*pattern) || !text_set(row->digits, sizeof row->digits, *word == '+' ? word + 1 : word) ||
        !text_set(row->queue, sizeof row->queue, queue ? queue : ""))
        return why_set(why, why_size, "sessions: `%s` is not NUMBER:QUEUE=PATTERN with one of `numbers`", word);
    setting->route_count++;
    if (!pattern || (row->pattern = g_regex_new(pattern, G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, &error))) return true;
    why_set(why, why_size, "sessions: `%s`: %s", pattern, error->message);
    g_error_free(error);
    return false;
}

static bool read_routes(struct sms_setting *setting, char *why, size_t why_size)
{
    char **words = g_strsplit_set(setting->sessions, " \t\n", SETTING_NUMBERS_MAX);
    setting->routes = memory_zeroed(g_strv_length(words) + 1, sizeof *setting->routes);
    bool good = true;
    for (char **word = words; *word && good; word++)
        if (**word) good = sms_add_route(setting, *word, why, why_size);
    g_strfreev(words);
    return good;
}

static bool sms_read_choice(const char *value, const char *name, const char *const *choices, unsigned *at, char *why,
                            size_t why_size)
{
    for (*at = 0; choices[*at]; ++*at)
        if (strcmp(value, choices[*at]) == 0) return true;
    return why_set(why, why_size, "%s: `%s` is none of its words; gcx-sms(8) has them", name, value);
}

static bool read_choices(struct sms_setting *setting, char *why, size_t why_size)
{
    static const char *const ways[] = {"udh8", "udh16", "sar", "payload", NULL};
    static const char *const ids[] = {"same", "hex", "decimal", NULL};
    static const char *const unknown[] = {"tell", "again", NULL};
    unsigned way, id, what;
    if (!sms_read_choice(setting->way, "way", ways, &way, why, why_size) ||
        !sms_read_choice(setting->ids, "ids", ids, &id, why, why_size) ||
        !sms_read_choice(setting->unknown, "unknown", unknown, &what, why, why_size))
        return false;
    setting->parts = (enum parts_way)way;
    setting->receipts = (enum receipt_ids)id;
    setting->resends = what == 1 || (setting->of && setting->of->write.repeatable);
    return true;
}

static bool sms_key_is_private(const struct sms_setting *setting, char *why, size_t why_size)
{
    char reason[300];
    return !*setting->key || setting_private(setting->key, reason, sizeof reason) ||
           why_set(why, why_size, "key: %s", reason);
}

/* Checks combinations that cannot be meant: each has a row, and the first wrong one is reported. */
static bool check_doors(const struct sms_setting *setting, char *why, size_t why_size)
{
    const struct {
        bool wrong;
        const char *why;
    } rows[] = {
        {!*setting->provider && !*setting->listen && !*setting->network,
         "provider: neither it nor `listen` or `network` is set, so no message could come"},
        {*setting->network && (*setting->provider || *setting->listen),
         "network: `provider` and `listen` are of SMPP, and this is a provider by HTTP: another adapter has them"},
        {*setting->provider && !*setting->system_id, "system_id: it is not set, and `provider` is"},
        {*setting->listen && !*setting->peers, "peers: it is not set, and `listen` is: nobody could bind"},
        {!*setting->certificate != !*setting->key, "key: it and `certificate` are set together"},
        {*setting->listen && !*setting->certificate && !setting_yes(setting->insecure) &&
             !address_says_loopback(setting->listen),
         "listen: it is open to other machines, and there is no `certificate`: insecure = yes allows it"},
        {*setting->provider && !*setting->ca && !setting_yes(setting->insecure) &&
             !address_says_loopback(setting->provider),
         "ca: it is not set, so that a password would go to another machine without TLS: insecure = yes allows it"},
        {!*setting->http != !secret_text(&setting->token), "http_token_file: it and `http` are set together"},
        {*setting->lists && !sql_names_sqlite(setting->lists) && !sql_names_postgres(setting->lists),
         "lists: it is neither sqlite:FILE nor PostgreSQL's"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].wrong) return why_set(why, why_size, "%s", rows[i].why);
    return true;
}

static bool number_is_ours(const void *self, const char *number)
{
    return numbers_are_ours(self, number);
}

static bool read_own(struct sms_setting *setting, char *why, size_t why_size)
{
    assert(setting->own_numbers.count > 0);
    if (*setting->from) {
        setting->own = numbers_find(&setting->own_numbers, setting->from);
        if (!setting->own || strcmp(setting->own->digits, "*") == 0)
            return why_set(why, why_size, "from: `%s` is none of `numbers`", setting->from);
    } else
        setting->own = &setting->own_numbers.all[0];
    if (strcmp(setting->own->digits, "*") == 0)
        return why_set(why, why_size, "from: it must be set where the first of `numbers` is *");
    return true;
}

/* Reads the settings of a provider that is reached by HTTP. */
static bool read_network(struct sms_setting *setting, char *why, size_t why_size)
{
    char reason[512];
    if (!*setting->network) return true;
    setting->of = network_open(setting->network, reason, sizeof reason);
    if (!setting->of) return why_set(why, why_size, "network: %s", reason);
    if (!setting->of->texts || !setting->of->verify.header || setting->of->challenge_token)
        return why_set(why, why_size, "network: %s is no provider of short messages that calls us: the plugin webhook",
                       setting->of->name);
    setting->given =
        (struct network_given){.base = setting->base, .account = setting->account, .public_url = setting->public_url};
    return network_given_read(&setting->given, setting->of, setting->token_file, setting->secret_file, why, why_size);
}

static bool read_secrets(struct sms_setting *setting, char *why, size_t why_size)
{
    return secret_read(&setting->token, setting->http_token_file, "http_token_file", why, why_size) &&
           secret_read(&setting->bind, setting->password_file, "password_file", why, why_size) &&
           (!*setting->peers || setting_peers_again(setting, &(struct watched_lost){0}, why, why_size));
}

/* Reads the settings; after a failure the caller frees them by sms_setting_free(), which works for part of them too. */
bool sms_setting_read(struct sms_setting *setting, setting_get *get, void *self, char *why, size_t why_size)
{
    char host[256], reason[300];
    *setting = (struct sms_setting){0};
    if (!setting_rows_read(setting, get, self, why, why_size)) return false;
    if (!settings_store("store", setting->store, setting->country, why, why_size)) return false;
    if (*setting->provider && !address_split(setting->provider, host, reason, sizeof reason))
        return why_set(why, why_size, "provider: %s", reason);
    if (*setting->listen && !address_split(setting->listen, host, reason, sizeof reason))
        return why_set(why, why_size, "listen: %s", reason);
    if (!read_secrets(setting, why, why_size)) return false;
    if (!read_network(setting, why, why_size)) return false;
    return read_choices(setting, why, why_size) && sms_key_is_private(setting, why, why_size) &&
           check_doors(setting, why, why_size) &&
           numbers_said(&setting->own_numbers, setting->numbers, why, why_size) &&
           reserved_rules_good(&(struct reserved_rules){setting->languages, setting->words}, number_is_ours,
                               &setting->own_numbers, why, why_size) &&
           reserved_answers_good("stopped", setting->stopped, number_is_ours, &setting->own_numbers, why, why_size) &&
           reserved_answers_good("started", setting->started, number_is_ours, &setting->own_numbers, why, why_size) &&
           reserved_answers_good("help", setting->help, number_is_ours, &setting->own_numbers, why, why_size) &&
           read_routes(setting, why, why_size) && read_own(setting, why, why_size);
}

void sms_setting_free(struct sms_setting *setting)
{
    for (size_t i = 0; i < setting->route_count; i++)
        if (setting->routes[i].pattern) g_regex_unref(setting->routes[i].pattern);
    numbers_free(&setting->own_numbers), free(setting->routes);
    secret_free(&setting->token), secret_free(&setting->bind), secret_free(&setting->peer_lines);
    network_free(setting->of);
    network_given_free(&setting->given);
    *setting = (struct sms_setting){0};
}

/* Does the route match? Only the beginning of a long text is compared. */
static bool route_takes(const struct setting_route *row, const char *text)
{
    size_t length = strlen(text);
    if (length > PATTERN_BYTES) {
        const char *end = g_utf8_find_prev_char(text, text + PATTERN_BYTES + 1);
        length = end ? (size_t)(end - text) : 0;
    }
    return !row->pattern || g_regex_match_full(row->pattern, text, (gssize)length, 0, 0, NULL, NULL);
}

/* Returns the queue of the first row that matches. NULL: such a message begins no conversation. */
const char *setting_session_queue(const struct sms_setting *setting, const char *own, const char *text)
{
    const struct own_number *number = numbers_find(&setting->own_numbers, own);
    if (*own == '+') own++;
    for (size_t i = 0; number && i < setting->route_count; i++) {
        const struct setting_route *row = &setting->routes[i];
        if ((strcmp(row->digits, "*") == 0 || strcmp(row->digits, own) == 0) && route_takes(row, text))
            return *row->queue ? row->queue : number->queue;
    }
    return NULL;
}

/* Divides a line of the file of peers. False: the line is empty or a remark. */
static bool peer_line(char *line, char **system_id, char **password)
{
    *system_id = g_strstrip(line);
    size_t length = strcspn(line = *system_id, " \t");
    if (*line == '#' || length == 0 || !line[length]) return false;
    line[length] = '\0';
    *password = g_strstrip(line + length + 1);
    return **password != '\0';
}

static char **peers_lines(const struct sms_setting *setting)
{
    const char *text = secret_text(&setting->peer_lines);
    return g_strsplit(text ? text : "", "\n", -1);
}

void setting_peers_look(const struct sms_setting *setting, const struct gcx_look *look)
{
    char **lines = peers_lines(setting), *system_id, *password;
    GHashTable *known = g_hash_table_new(g_str_hash, g_str_equal);
    for (char **line = lines; *line; line++)
        if (peer_line(*line, &system_id, &password) && !g_hash_table_add(known, system_id))
            look_tell(look, CHECK_text_peer_twice, "peers", LOOK_WORDS(system_id));
    if (g_hash_table_size(known) == 0) look_tell(look, CHECK_text_peers, "peers", LOOK_WORDS(setting->peers));
    g_hash_table_destroy(known);
    g_strfreev(lines);
}

/* Returns a peer's password, which the caller frees by setting_password_free(). */
char *setting_peer(const struct sms_setting *setting, const char *system_id)
{
    char **lines = peers_lines(setting), *name, *password, *found = NULL;
    for (char **line = lines; *line && !found; line++)
        if (peer_line(*line, &name, &password) && strcmp(name, system_id) == 0) found = g_strdup(password);
    g_strfreev(lines);
    return found;
}

/* Reads the file of peers again; the new lines are used only if not too many old ones are missing (watched_counts). */
bool setting_peers_again(void *self, struct watched_lost *lost, char *why, size_t why_size)
{
    struct sms_setting *setting = self, fresh = {.peers = setting->peers};
    const char *reason;
    char said[300], *text, *name, *password;
    size_t length;
    if (!setting_private(setting->peers, said, sizeof said)) return why_set(why, why_size, "peers: %s", said);
    if (!(text = file_read(setting->peers, PEERS_FILE_MAX, &length, &reason)))
        return why_set(why, why_size, "peers: %s: %s", setting->peers, reason);
    secret_becomes(&fresh.peer_lines, text);
    char **before = peers_lines(setting);
    for (char **line = before; *line; line++) {
        if (!peer_line(*line, &name, &password)) continue;
        char *still = setting_peer(&fresh, name);
        lost->of++;
        lost->gone += !still;
        g_free(still);
    }
    g_strfreev(before);
    if (watched_counts(lost)) secret_becomes(&setting->peer_lines, memory_text(text));
    secret_free(&fresh.peer_lines);
    return true;
}
