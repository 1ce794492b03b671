/* runtime/daemon/check/check_files.c - Checks what gcxvm itself needs on this machine: the state folder and its
 * space, the key, addresses, certificates, files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/adapter/tls.h"
#include "runtime/daemon/check/check_state.h"
#include "runtime/daemon/links/intake.h"
#include "runtime/journal/keys.h"
#include "runtime/sources/endpoint.h"
#include "runtime/sql/schema.h"
#include "base/memory.h"
#include "base/shown.h"

/* ---- databases and URLs: of gcxvm's own settings, and of adapters, which cannot open them here ---- */

enum look_check checking_added(const char *kind, const char *name, const char *of, char finding[LOOK_TEXT])
{
    struct error error;
    bool url = strcmp(kind, LOOK_URL) == 0, versions = strcmp(kind, LOOK_DATABASE) == 0;
    const char *fault = url ? endpoint_url_fault(name) : NULL;
    if (versions && !sql_versions_good(name, of, &error)) fault = error.text;
    if (!fault) return CHECKS;
    char *shown = url ? shown_url(name) : memory_text(name);
    enum look_check check = url ? CHECK_url_form : CHECK_store_version;
    look_say(finding, check, LOOK_WORDS(shown, fault));
    free(shown);
    return check;
}

/* ---- gcxvm's own settings, with the checks that plugins have ---- */

static const char *own_setting(void *self, const char *key)
{
    (void)self, (void)key;
    return NULL;
}

static bool own_site(void *self, const char *kind, size_t index, struct gcx_site_name *name)
{
    (void)self, (void)kind, (void)index, (void)name;
    return false;
}

static void own_tell(void *self, int level, const char *key, const char *text)
{
    struct checking *checking = self;
    char *said = memory_format("%s: %s", key, text);
    checking_say_at(checking, level, conf_line(checking->conf, key), said);
    free(said);
}

static void own_takes(void *self, const char *key, const char *thing)
{
    struct checking *checking = self;
    checking_takes(checking, conf_line(checking->conf, key), key, thing);
}

static void own_added(struct checking *checking, const char *kind, const char *name, const char *of, int line)
{
    char finding[LOOK_TEXT];
    enum look_check check = checking_added(kind, name, of, finding);
    if (check != CHECKS) checking_say_at(checking, look_level(check), line, finding);
}

static void own_adds(void *self, const char *kind, const char *name, const char *of)
{
    struct checking *checking = self;
    if (strcmp(kind, LOOK_OUTSIDE) == 0) checking_outside(checking, "%s %s", of, name);
    own_added(checking, kind, name, of, conf_line(checking->conf, of));
}

/* ---- addresses, ports and files that two adapters cannot share ---- */

static bool is_any(const char *host)
{
    return strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}

/* Splits "udp 127.0.0.1:30000-30999" into protocol with host, and ports. False: the text is no address. */
static bool thing_address(const char *thing, char place[256], unsigned long *first, unsigned long *last)
{
    const char *port = strrchr(thing, ':');
    char *end;
    if (!port || strncmp(thing, "file ", 5) == 0) return false;
    snprintf(place, 256, "%.*s", (int)(port - thing), thing);
    *first = *last = strtoul(port + 1, &end, 10);
    if (*end == '-') *last = strtoul(end + 1, NULL, 10);
    return true;
}

/* True: two addresses collide; "tcp 0.0.0.0:5060" includes "tcp 127.0.0.1:5060". */
static bool things_meet(const char *one, const char *other)
{
    char place[2][256];
    unsigned long first[2], last[2];
    if (strcmp(one, other) == 0) return true;
    if (!thing_address(one, place[0], &first[0], &last[0]) || !thing_address(other, place[1], &first[1], &last[1]))
        return false;
    size_t word = strcspn(place[0], " ");
    bool any = place[0][word] && strncmp(place[0], place[1], word + 1) == 0 &&
               (is_any(place[0] + word + 1) || is_any(place[1] + word + 1));
    return first[0] <= last[1] && first[1] <= last[0] && (any || strcmp(place[0], place[1]) == 0);
}

void checking_takes(struct checking *checking, int line, const char *whose, const char *thing)
{
    for (size_t i = 0; i < checking->taken_count; i++) {
        const struct taken *taken = &checking->taken[i];
        if (strcmp(taken->whose, whose) == 0 || !things_meet(taken->thing, thing)) continue;
        checking_tell(checking, CHECK_taken_twice, line,
                      LOOK_WORDS(whose, thing + strcspn(thing, " ") + 1, taken->whose));
        return;
    }
    checking->taken = memory_more(checking->taken, checking->taken_count, sizeof *checking->taken);
    checking->taken[checking->taken_count++] = (struct taken){memory_text(thing), memory_text(whose)};
}

/* ---- the state folder ---- */

static void state_look(struct checking *checking)
{
    const struct conf *conf = checking->conf;
    char above[4096], why[LOOK_TEXT] = "";
    struct error error = {0};
    struct stat found;
    int line = conf_line(conf, "state");
    bool there = stat(conf->state, &found) == 0;
    if (there && !S_ISDIR(found.st_mode)) {
        checking_tell(checking, CHECK_state_kind, line, LOOK_WORDS(conf->state));
        return;
    }
    if (there)
        snprintf(above, sizeof above, "%s", conf->state);
    else
        look_folder_of(conf->state, above, sizeof above);
    enum look_check check = look_folder(above, why);
    if (check == CHECK_file_user)
        checking_tell(checking, CHECK_state_user, line, LOOK_WORDS(conf->state, above, why));
    else if (check != CHECKS)
        checking_tell(checking, CHECK_state_folder, line, LOOK_WORDS(conf->state, above, why));
    if (there && !intake_may_begin(conf, 0, &error))
        checking_tell(checking, CHECK_state_space, line, LOOK_WORDS(error.text));
}

/* A path of a systemd credential exists only while the service runs, and is not checked. */
static bool is_credential(const char *path)
{
    return strncmp(path, "/run/credentials/", strlen("/run/credentials/")) == 0 && access(path, F_OK) != 0;
}

static void key_look(struct checking *checking)
{
    const struct conf *conf = checking->conf;
    struct error error = {0};
    int line = conf_line(conf, "key_file");
    bool denied = conf->key_file[0] != '\0' && access(conf->key_file, R_OK) != 0 && errno == EACCES;
    if (conf->key_file[0] == '\0' || is_credential(conf->key_file)) return;
    if (denied)
        checking_tell(checking, CHECK_key_user, line, LOOK_WORDS(conf->key_file));
    else if (!keys_file_good(conf->key_file, &error))
        checking_tell(checking, CHECK_key_file, line, LOOK_WORDS(error.text));
    else if (keys_are_there(conf->state) && !keys_start(conf->state, conf->key_file, &error))
        checking_tell(checking, CHECK_key_other, line, LOOK_WORDS(error.text));
}

/* ---- the rest ---- */

static void images_look(struct checking *checking)
{
    const struct conf *conf = checking->conf;
    for (size_t i = 0; i < conf->strategy_count; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(conf->strategies[i], conf->strategies[k]) == 0)
                checking_tell(checking, CHECK_image_twice, conf->strategy_lines[i], LOOK_WORDS(conf->strategies[i]));
}

/* Reports a journal in a database without `key_file`: the machine that follows leads the same journal, with the same
 * keys. */
static void standby_look(struct checking *checking)
{
    const struct conf *conf = checking->conf;
    if (conf->journal[0] != '\0' && conf->key_file[0] == '\0')
        checking_tell(checking, CHECK_standby_key, conf_line(conf, "journal"), LOOK_WORDS("journal"));
}

static void endpoints_look(struct checking *checking)
{
    const struct conf *conf = checking->conf;
    for (size_t i = 0; i < conf->endpoint_count; i++) {
        const char *url = conf->endpoints[i].url;
        if (*url) own_added(checking, LOOK_URL, url, "", conf->endpoints[i].line);
        int64_t ends_s = conf->endpoints[i].ca_file[0] != '\0' ? tls_file_ends_s(conf->endpoints[i].ca_file) : 0;
        if (ends_s != 0 && ends_s <= (int64_t)time(NULL))
            checking_tell(checking, CHECK_endpoint_ca, conf->endpoints[i].line,
                          LOOK_WORDS(conf->endpoints[i].name, conf->endpoints[i].ca_file));
    }
}

void checking_files(struct checking *checking)
{
    const struct conf *conf = checking->conf;
    const struct gcx_look look = {checking, own_setting, own_site, own_tell, own_takes, own_adds};
    state_look(checking);
    key_look(checking);
    images_look(checking);
    standby_look(checking);
    endpoints_look(checking);
    look_listens(&look, "http", "tcp", conf->http);
    look_listens(&look, "remote_listen", "tcp", conf->remote_listen);
    look_certificate(&look, "remote_certificate", conf->remote_certificate);
    look_certificate(&look, "remote_ca", conf->remote_ca);
    look_writes(&look, "traces", conf->traces);
    look_writes(&look, "remote_port_file", conf->remote_port_file);
    look_store(&look, "records", conf->records);
}
