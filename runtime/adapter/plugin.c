/* runtime/adapter/plugin.c - The services that a plugin can ask for, made from a link.
 *
 *     plugin  -- struct gcx_services -->  this file  -->  link_client  -->  wire  -->  core
 *     plugin  <-- struct gcx_adapter --   this file  <--  link_client  <--  wire  <--  core
 *
 * The plugin is opened when the first core has welcomed the link, and closed once, when the process ends. Between
 * opening and closing, core_up() is called with true and false in turn. */
#include "runtime/adapter/plugin.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/refused.h"
#include "runtime/adapter/settings.h"
#include "runtime/adapter/told.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/media.h"
#include "base/aways.h"
#include "base/memory.h"

enum { CONN_BITS = 48, MEDIA_LIMIT = 255, REFUSALS_SAID = 64, REFUSED_SAY_US = 10000000 };

struct refusal_said { /* a reason of refusals: when it was last logged, and how many refusals came since */
    char reason[TOLD_NAME];
    uint64_t at_us, unsaid;
};

struct gcx_link {
    const struct gcx_adapter *adapter;
    struct plugin_host host;
    struct link_client *client;
    struct link_client_options options;
    unsigned media[MEDIA_LIMIT + 1];
    void *self; /* the plugin's state, as open() has returned it; NULL before open() */
    uint64_t last_conn;
    unsigned held; /* conversations of the plugin */
    struct refusal_said refusals[REFUSALS_SAID];
    struct aways aways; /* why neighbours are away, as last logged */
};

static void plugin_say(struct gcx_link *link, int level, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Logs a line of the link itself, without a call. */
static void plugin_say(struct gcx_link *link, int level, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    link->host.log(link->host.self, level, 0, 0, text);
}

/* Services. */

/* Logs that a plugin has posted a frame that no core would take: that is the plugin's mistake, and its author has to
 * learn of it. */
static void tell_refused(struct gcx_link *link, struct span frame)
{
    struct message message;
    struct error error;
    char text[sizeof error.text + 64];
    if (link_client_takes(frame, &message, &error)) return; /* there was no credit */
    link_client_count(link->client, "events_refused", 1);
    snprintf(text, sizeof text, "an event was not posted: %s", error.text);
    link->host.log(link->host.self, GCX_LOG_WARNING, message_u(&message, ENVELOPE_ixn),
                   message_u(&message, ENVELOPE_conn), text);
}

static bool plugin_post(struct gcx_link *link, struct span frame, bool counted)
{
    bool good = link_client_post(link->client, frame, counted);
    if (!good) tell_refused(link, frame);
    if (good && link->host.output) link->host.output(link->host.self);
    return good;
}

static bool service_post(struct gcx_link *link, struct span frame)
{
    return plugin_post(link, frame, true);
}
static bool service_aside(const struct gcx_link *link)
{
    return link_client_is_aside(link->client, link->host.now_us(link->host.self));
}
/* True: events may be posted, since the link is up and no other core may have taken over. */
static bool service_up(const struct gcx_link *link)
{
    return link_client_is_up(link->client) && !service_aside(link);
}
static unsigned service_link(const struct gcx_link *link)
{
    return link_client_link(link->client);
}
static uint64_t service_journal(const struct gcx_link *link)
{
    return link_client_journal(link->client);
}

static unsigned service_domain(const struct gcx_link *link)
{
    return link_client_domain(link->client);
}
static uint64_t service_now_us(const struct gcx_link *link)
{
    return link->host.now_us(link->host.self);
}
static uint64_t service_wall_us(const struct gcx_link *link)
{
    return link->host.wall_us(link->host.self);
}
static struct event_base *service_base(struct gcx_link *link)
{
    return link->host.base;
}

/* Makes a new ConnID from the clock (seconds x 65,536 with their fraction), plus one per call. So it was never used
 * before, even if the previous process was killed in this same second and its last ConnID is not remembered. This
 * holds as long as there are fewer than 65,536 calls a second and the clock does not go back. */
static uint64_t service_new_conn(struct gcx_link *link)
{
    const uint64_t mask = (1ull << CONN_BITS) - 1, wall_us = service_wall_us(link);
    uint64_t by_clock = (wall_us / 1000000 * 65536 + wall_us % 1000000 * 65536 / 1000000) & mask;
    uint64_t known = link_client_last_conn(link->client) & mask;
    if (link->last_conn < known) link->last_conn = known;
    link->last_conn = link->last_conn + 1 > by_clock ? link->last_conn + 1 : by_clock;
    return (uint64_t)service_link(link) << CONN_BITS | link->last_conn;
}

static const char *service_setting(const struct gcx_link *link, const char *key)
{
    return link->host.setting(link->host.self, key);
}

static void service_log(struct gcx_link *link, int level, uint64_t ixn, uint64_t conn, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

static void service_log(struct gcx_link *link, int level, uint64_t ixn, uint64_t conn, const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    link->host.log(link->host.self, level, ixn, conn, text);
}

static void service_peer(struct gcx_link *link, const char *name, bool up)
{
    struct writer writer;
    writer_init(&writer);
    writer_begin(&writer, KIND_PeerLink);
    writer_text(&writer, PeerLink_peer, name);
    writer_u(&writer, PeerLink_up, up);
    plugin_post(link, writer_end(&writer), false);
    writer_free(&writer);
}

static void service_busy(struct gcx_link *link, bool busy)
{
    link_client_busy(link->client, busy);
}
static void service_defaulted(struct gcx_link *link)
{
    link_client_defaulted(link->client);
}

/* Reports a neighbour's state to the core, and logs when a neighbour goes, when its reason changes (within bounds),
 * and when it is back. The core gets the state each time. */
static void service_neighbour(struct gcx_link *link, const char *name, bool up, const char *why)
{
    bool changed = link_client_neighbour(link->client, name, up, why);
    if (changed && link->host.output) link->host.output(link->host.self);
    if (changed) aways_drop(&link->aways, name);
    if (changed && up) plugin_say(link, GCX_LOG_INFO, "%s: it is there again", name);
    if (up || !aways_add(&link->aways, name, why ? why : "")) return;
    plugin_say(link, GCX_LOG_WARNING, "%s: it is %saway: %s", name, changed ? "" : "still ", why ? why : "");
}

static void service_figure(struct gcx_link *link, const char *name, int64_t value)
{
    link_client_figure(link->client, name, value);
}

static void service_count(struct gcx_link *link, const char *name, int64_t more)
{
    link_client_count(link->client, name, more);
}

/* Finds the place of a reason among those that were logged; a new reason takes the place of the one that was logged
 * longest ago. */
static struct refusal_said *refusal_said_of(struct gcx_link *link, const char *reason)
{
    struct refusal_said *oldest = link->refusals, *end = link->refusals + REFUSALS_SAID;
    for (struct refusal_said *one = link->refusals; one < end; one++) {
        if (strcmp(one->reason, reason) == 0) return one;
        if (one->at_us < oldest->at_us) oldest = one;
    }
    *oldest = (struct refusal_said){0};
    snprintf(oldest->reason, sizeof oldest->reason, "%s", reason);
    return oldest;
}

/* Logs a refusal with the reason as the line's first word, by which the log of gcxvm knows the kind of line. */
static void refusal_say(struct gcx_link *link, const char *reason, const char *whom)
{
    const struct refusal_row *row = refusal_row_of(link->adapter->name, reason);
    struct refusal_said *said = refusal_said_of(link, reason);
    uint64_t now_us = service_now_us(link);
    char more[64] = "";
    if (said->at_us != 0 && now_us - said->at_us < REFUSED_SAY_US) {
        said->unsaid++;
        return;
    }
    if (said->unsaid > 0)
        snprintf(more, sizeof more, "; %llu more since the last such line", (unsigned long long)said->unsaid);
    said->at_us = now_us;
    said->unsaid = 0;
    plugin_say(link, row && strcmp(row->severity, "none") == 0 ? GCX_LOG_INFO : GCX_LOG_WARNING,
               "%s: refused%s%s%s%s: %s%s", reason, row && *row->answer ? " by " : "", row ? row->answer : "",
               row ? ", " : "", row ? row->doc : "", whom, more);
}

/* Counts the refusal each time, but logs each reason at most once in REFUSED_SAY_US, with the number of refusals
 * that were not logged since. */
static void service_refused(struct gcx_link *link, const char *reason, const char *whom)
{
    char name[TOLD_NAME];
    if (snprintf(name, sizeof name, TOLD_REFUSED "%s", reason) >= (int)sizeof name) return;
    link_client_count(link->client, name, 1);
    refusal_say(link, reason, whom);
}

static bool service_read(struct gcx_link *link, struct span read)
{
    bool good = link_client_read(link->client, read);
    if (good && link->host.output) link->host.output(link->host.self);
    return good;
}

static void service_holds(struct gcx_link *link, unsigned conversations)
{
    link->held = conversations;
    if (link->host.held) link->host.held(link->host.self, conversations);
}

static bool service_ends(const struct gcx_link *link)
{
    return link->host.ends && link->host.ends(link->host.self);
}

static const struct gcx_services services = {
    .post = service_post,
    .up = service_up,
    .link = service_link,
    .new_conn = service_new_conn,
    .now_us = service_now_us,
    .wall_us = service_wall_us,
    .base = service_base,
    .setting = service_setting,
    .log = service_log,
    .peer = service_peer,
    .busy = service_busy,
    .defaulted = service_defaulted,
    .read = service_read,
    .journal = service_journal,
    .domain = service_domain,
    .neighbour = service_neighbour,
    .figure = service_figure,
    .count = service_count,
    .refused = service_refused,
    .aside = service_aside,
    .holds = service_holds,
    .ends = service_ends,
};

/* The link's news. */

/* Sets the counters of refusals and failures to 0, so that they exist before the first one. */
static void plugin_counters_begin(struct gcx_link *link)
{
    char name[TOLD_NAME];
    enum { COUNTS_counter = true, COUNTS_gauge = false };
#define FIGURE(figure, metric, type, plugin, doc)                                                                      \
    if (COUNTS_##type && (*(plugin) == '*' || strcmp(plugin, link->adapter->name) == 0))                               \
        link_client_count(link->client, #figure, 0);
#define COUNTED(figure, plugin) FIGURE(figure, "", counter, plugin, "")
#include "runtime/adapter/figures.def"
#undef FIGURE
    for (unsigned i = 0; i < REFUSED_KINDS; i++) {
        if (!refusal_is_of(&refusal_rows[i], link->adapter->name)) continue;
        snprintf(name, sizeof name, TOLD_REFUSED "%s", refusal_rows[i].reason);
        link_client_count(link->client, name, 0);
    }
}

/* Opens the plugin; if that fails the process ends, and the core keeps the reason as the neighbour `start`. */
static void client_up(void *self)
{
    struct gcx_link *link = self;
    plugin_say(link, GCX_LOG_INFO, "the core is there: link %u", link_client_link(link->client));
    if (!link->self) {
        char why[512] = "";
        plugin_counters_begin(link);
        link->self = link->adapter->open(link, &services, why, sizeof why);
        if (!link->self) {
            link_client_neighbour(link->client, "start", false, why);
            link->host.failed(link->host.self, false, why);
            return;
        }
    }
    link->adapter->core_up(link->self, true);
}

static void client_down(void *self, enum down_reason reason, const char *why)
{
    struct gcx_link *link = self;
    plugin_say(link, reason == down_reason_stopped ? GCX_LOG_INFO : GCX_LOG_WARNING,
               "the link to the core is over (%s): %s", enum_name_down_reason(reason), why);
    if (link->self) link->adapter->core_up(link->self, false);
    link->host.over(link->host.self, why);
}

static void client_refused(void *self, enum refusal why, struct span text)
{
    struct gcx_link *link = self;
    char reason[512];
    snprintf(reason, sizeof reason, "the core refuses this adapter (%s): %.*s", enum_name_refusal(why),
             (int)text.length, text.length ? (const char *)text.bytes : "");
    link->host.failed(link->host.self, true, reason);
}

/* True: this process goes on with a core that has another journal. After a state folder was emptied only this
 * process has its conversations and what they need, such as a port: it tells them to the new core as it tells calls
 * at a switch. A process without conversations ends, and gcxvm starts a new one. If cores run on several machines,
 * the process ends, too: this may be a core that should never get the conversations. */
static bool client_another(void *self)
{
    struct gcx_link *link = self;
    bool takes = link->held > 0 && !link->host.elsewhere;
    if (takes)
        plugin_say(link, GCX_LOG_WARNING,
                   "the core has another journal than that of before: %u conversations go on there", link->held);
    return takes;
}

static void client_effect(void *self, const struct message *effect)
{
    struct gcx_link *link = self;
    if (link->self) link->adapter->perform(link->self, effect);
}

static void client_committed(void *self, uint64_t posted)
{
    struct gcx_link *link = self;
    if (link->self && link->adapter->committed) link->adapter->committed(link->self, posted);
}

static void client_credit(void *self)
{
    struct gcx_link *link = self;
    if (link->self && link->adapter->credit) link->adapter->credit(link->self);
}

static uint64_t client_now_us(void *self)
{
    const struct gcx_link *link = self;
    return link->host.now_us(link->host.self);
}

/* Checks what the plugin exports before any of its functions is called. */
bool plugin_good(const struct gcx_adapter *adapter, struct error *error)
{
    if (adapter->interface != GCX_ADAPTER_INTERFACE)
        return error_set(error, ERROR_VERSION, "the plugin has interface %u, this program %d", adapter->interface,
                         GCX_ADAPTER_INTERFACE);
    const struct {
        bool there;
        const char *member;
    } members[] = {{adapter->name != NULL, "name"},       {adapter->media != NULL, "media"},
                   {adapter->open != NULL, "open"},       {adapter->close != NULL, "close"},
                   {adapter->perform != NULL, "perform"}, {adapter->core_up != NULL, "core_up"}};
    char lacks[64] = "";
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        size_t length = strlen(lacks);
        if (!members[i].there)
            snprintf(lacks + length, sizeof lacks - length, "%s%s", length ? ", " : "", members[i].member);
    }
    if (lacks[0] != '\0')
        return error_set(error, ERROR_INPUT, "the plugin's gcx_adapter lacks %s (gcx_adapter.h says what each is for)",
                         lacks);
    for (const char *const *name = adapter->media; *name; name++) {
        if (enum_value_media(*name, (uint32_t)strlen(*name)) > 0 && name - adapter->media < MEDIA_LIMIT) continue;
        return error_set(error, ERROR_UNKNOWN, "the plugin serves a medium `%s` that is not known", *name);
    }
    return true;
}

static bool has_settings(const struct gcx_adapter *adapter, const struct plugin_host *host, struct error *error)
{
    for (const char *const *key = adapter->settings; key && *key; key++) {
        if (**key != '*' || host->setting(host->self, *key + 1)) continue;
        return error_set(error, ERROR_INPUT, "the adapter %s needs the setting %s", adapter->name, *key + 1);
    }
    return true;
}

/* True: the setting `media` names the medium. True also if the plugin has no such setting. */
static bool media_setting_has(const struct gcx_link *link, enum media medium)
{
    const char *const *key = link->adapter->settings;
    while (key && *key && strcmp(*key, "media") != 0) key++;
    if (!key || !*key) return true;
    const char *media = link->host.setting(link->host.self, "media");
    char name[MEDIUM_SAID_MAX];
    while (media && *media) {
        size_t length = strcspn(media += strspn(media, " ,"), " ,");
        snprintf(name, sizeof name, "%.*s", (int)length, media);
        if (setting_medium(link->host.setting, link->host.self, name) == medium) return true;
        media += length;
    }
    return false;
}

/* Collects the media that the link tells the core: a medium of the site's own is among them only if the settings
 * name it. */
static void read_media(struct gcx_link *link)
{
    unsigned count = 0;
    for (const char *const *name = link->adapter->media; *name; name++) {
        int medium = enum_value_media(*name, (uint32_t)strlen(*name));
        if (media_own_number((uint64_t)medium) != 0 && !media_setting_has(link, (enum media)medium)) continue;
        link->media[count++] = (unsigned)medium;
    }
    link->media[count] = media_none;
}

struct gcx_link *plugin_new(const struct gcx_adapter *adapter, const char *name, uint64_t instance,
                            struct span credential, const struct plugin_host *host, struct error *error)
{
    if (!plugin_good(adapter, error) || !has_settings(adapter, host, error)) return NULL;
    struct gcx_link *link = memory_zeroed(1, sizeof *link);
    assert(host->now_us && host->wall_us && host->setting && host->log);
    link->adapter = adapter;
    link->host = *host;
    read_media(link);
    link->options = (struct link_client_options){.name = name,
                                                 .instance = instance,
                                                 .media = link->media,
                                                 .caps = adapter->caps,
                                                 .version = adapter->interface,
                                                 .credential = credential,
                                                 .elsewhere = host->elsewhere};
    link->client = link_client_new(&link->options, &(struct link_client_calls){.self = link,
                                                                               .up = client_up,
                                                                               .down = client_down,
                                                                               .refused = client_refused,
                                                                               .another = client_another,
                                                                               .effect = client_effect,
                                                                               .committed = client_committed,
                                                                               .credit = client_credit,
                                                                               .now_us = client_now_us});
    return link;
}

/* The plugin is closed before the link is freed, since it still uses the link. */
void plugin_free(struct gcx_link *link)
{
    if (!link) return;
    if (link->self) link->adapter->close(link->self);
    link_client_free(link->client);
    free(link);
}

struct link_client *plugin_client(struct gcx_link *link)
{
    return link->client;
}
