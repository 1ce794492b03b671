/* runtime/daemon/check/check_plugins.c - Asks the adapters' plugins about their settings and about the site.
 *
 * Each plugin is asked in a process of its own. A plugin may add names to the site, such as the queues that a desk
 * shows: the plugins that were asked before it are then asked again. The findings of all plugins are reported at the
 * end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/daemon/check/check_state.h"
#include "runtime/daemon/links/children.h"
#include "base/memory.h"

enum { KEYS_MAX = 256 };

/* The line of the setting in the configuration; the line of its section, if the plugin names no existing setting. */
static int adapter_line(const struct conf_adapter *adapter, const char *key)
{
    for (size_t i = adapter->setting_count; i-- > 0;)
        if (strcmp(adapter->settings[i].key, key) == 0) return adapter->settings[i].line;
    return adapter->line;
}

static void adapter_say(struct checking *checking, const struct conf_adapter *adapter, int level, const char *key,
                        const char *text)
{
    int line = adapter_line(adapter, key);
    size_t length = strlen(key);
    bool named = length == 0 || (strncmp(text, key, length) == 0 && text[length] == ':');
    char *said = memory_format("%.200s:%d: adapter `%.60s`: %s%s%.900s", checking->conf->file, line, adapter->name,
                               named ? "" : key, named ? "" : ": ", text);
    checking_say(checking, level, said);
    free(said);
}

static void checking_on_key_complaint(void *self, const char *text)
{
    checking_say(self, GCX_LOG_ERROR, text);
}

/* What one plugin has answered. */
struct answered {
    int result; /* as children_ask() */
    char *text; /* what the plugin has answered; NULL: it is not asked */
};

/* True: the names of this kind are not names of the site. */
static bool is_for_us(const char *kind)
{
    return strcmp(kind, LOOK_OUTSIDE) == 0 || strcmp(kind, LOOK_DATABASE) == 0 || strcmp(kind, LOOK_URL) == 0;
}

/* Adds the names that the plugin reports for the site. True: a name is new. */
static bool names_hear(struct checking *checking, const struct conf_adapter *adapter, const char *text)
{
    bool added = false;
    char *copy = memory_text(text), *rest = copy;
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
        char *kind = line[0] == LOOK_ADDS && line[1] == ' ' ? line + 2 : NULL;
        char *name = kind ? strchr(kind, '\t') : NULL, *of = name ? strchr(name + 1, '\t') : NULL;
        if (!of) continue;
        *name++ = *of++ = '\0';
        if (is_for_us(kind) || look_names_have(&checking->names, kind, name, of)) continue;
        look_names_add(&checking->names, kind, name, of, adapter->name);
        added = true;
    }
    free(copy);
    return added;
}

static void added_tell(struct checking *checking, const struct conf_adapter *adapter, const char *kind,
                       const char *name, const char *key)
{
    char finding[LOOK_TEXT];
    enum look_check check = checking_added(kind, name, key, finding);
    if (strcmp(kind, LOOK_OUTSIDE) == 0) checking_outside(checking, "adapter %s (%s %s)", adapter->name, key, name);
    if (check != CHECKS) adapter_say(checking, adapter, look_level(check), key, finding);
}

/* Prints the plugin's findings, a line each. True: an error was printed. */
static bool findings_tell(struct checking *checking, const struct conf_adapter *adapter, char *text)
{
    const char *keys[KEYS_MAX + 1] = {NULL};
    size_t count = 0;
    bool fails = false;
    for (char *line = strsep(&text, "\n"); line; line = strsep(&text, "\n")) {
        char letter = line[0], *key = letter != '\0' && line[1] == ' ' ? line + 2 : NULL, *said = key;
        if (!key || !(said = strchr(key, '\t'))) continue;
        *said++ = '\0';
        if (letter == LOOK_SETTING) {
            if (count < KEYS_MAX) keys[count++] = key;
            continue;
        }
        if (keys[0] && !conf_check_adapter(checking->conf, adapter, keys, checking_on_key_complaint, checking))
            return true;
        keys[0] = NULL;
        fails |= letter == LOOK_FAILS;
        if (letter == LOOK_FAILS || letter == LOOK_WARNS) {
            adapter_say(checking, adapter, letter == LOOK_FAILS ? GCX_LOG_ERROR : GCX_LOG_WARNING, key, said);
        } else if (letter == LOOK_TAKES) {
            char *whose = memory_format("adapter `%s`: %s", adapter->name, key);
            checking_takes(checking, adapter_line(adapter, key), whose, said);
            free(whose);
        } else if (letter == LOOK_ADDS) {
            char *of = strchr(said, '\t');
            if (of) *of++ = '\0';
            if (of) added_tell(checking, adapter, key, said, of);
        }
    }
    if (keys[0] && !conf_check_adapter(checking->conf, adapter, keys, checking_on_key_complaint, checking))
        fails = true;
    return fails;
}

/* Makes a file with the names of the site, positioned at its beginning. */
static FILE *names_file(const struct checking *checking)
{
    FILE *file = tmpfile();
    if (!file) abort();
    look_names_write(&checking->names, file);
    fflush(file);
    rewind(file);
    return file;
}

static void adapter_ask(struct checking *checking, const struct conf_adapter *adapter, bool site,
                        struct answered *answered)
{
    FILE *names = site ? names_file(checking) : NULL;
    free(answered->text);
    answered->result = children_ask(checking->conf, adapter, names ? fileno(names) : -1, &answered->text);
    if (names) fclose(names);
}

static void adapter_tell(struct checking *checking, const struct conf_adapter *adapter, struct answered *answered)
{
    char said[512];
    if (adapter->remote) {
        if (adapter->setting_count == 0) return;
        snprintf(said, sizeof said,
                 "%.200s:%d: `%.64s` of adapter `%.60s`: a remote one has its settings where it runs",
                 checking->conf->file, adapter->settings[0].line, adapter->settings[0].key, adapter->name);
        checking_say(checking, GCX_LOG_ERROR, said);
        return;
    }
    if (findings_tell(checking, adapter, answered->text) || answered->result == 0) return;
    snprintf(said, sizeof said, "the plugin %.200s cannot be loaded", adapter->plugin);
    adapter_say(checking, adapter, GCX_LOG_ERROR, "", answered->result > 0 ? said : "its settings cannot be checked");
}

void checking_plugins(struct checking *checking, bool site)
{
    const struct conf *conf = checking->conf;
    struct answered *answered = memory_zeroed(conf->adapter_count + 1, sizeof *answered);
    size_t again = 0;
    for (size_t i = 0; i < conf->adapter_count; i++) {
        if (conf->adapters[i].remote) continue;
        adapter_ask(checking, &conf->adapters[i], site, &answered[i]);
        if (names_hear(checking, &conf->adapters[i], answered[i].text)) again = i;
    }
    for (size_t i = 0; i < again; i++)
        if (!conf->adapters[i].remote) adapter_ask(checking, &conf->adapters[i], site, &answered[i]);
    for (size_t i = 0; i < conf->adapter_count; i++) {
        adapter_tell(checking, &conf->adapters[i], &answered[i]);
        free(answered[i].text);
    }
    free(answered);
}
