/* man/tables/adapters.c - The plugins: their settings and bounds; roles and rights on the clients' wire.
 *
 * Each function prints one table of a manual page as mdoc. It defines the macro of a row and includes the .def file,
 * and so prints the rows that the program is compiled with: a row added to the .def file is in the manual without a
 * change here. A .def file whose rows have other columns does not compile here. */
#include "man/tables/page.h"
#include "man/tables/tables.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapter/refused.h"
#include "runtime/adapters/email/mime.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/denied.h"

/* Prints the roles; a name ends with _ where the name itself is a word of C, as `switch` is. */
void roles(void)
{
#define ROLE(name, doc) row(#name[sizeof #name - 2] == '_' ? "switch" : #name, "", doc ".");
#include "runtime/adapters/cti/roles.def"
}

/* Returns the word for how far a right goes: no, own, scope, data or any. */
static const char *put_reach(const char *word)
{
    static const char *const words[][2] = {
        {"NO", "no"}, {"OWN", "own"}, {"SCOPE", "scope"}, {"GRANTED", "data"}, {"ANY", "any"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], word) == 0) return words[i][1];
    return "?";
}

/* Prints one line per request with one column per role; the headings of the columns define their widths. */
void rights(void)
{
    puts(".Bl -column \"RequestUnregisterAddress\" \"agent\" \"supervisor\" \"monitor\" \"switch\"\n"
         ".It Em \"\" Ta Em agent Ta Em supervisor Ta Em monitor Ta Em switch");
#define RIGHT(what, agent, supervisor, monitor, switch_)                                                               \
    printf(".It Cm %s Ta %s Ta %s Ta %s Ta %s\n", #what, put_reach(#agent), put_reach(#supervisor),                    \
           put_reach(#monitor), put_reach(#switch_));
#include "runtime/adapters/cti/roles.def"
    list_end();
}

void claim_kinds(void)
{
#define KIND(kind, refused, doc) row(#kind, "", doc ".");
#include "runtime/vocabulary/authority.def"
}

/* Prints the words of a column like `FREE | OWNER`, in lower case, with commas between. Returns true if this column
 * or one before has printed a word. */
static bool print_those_who_may(const char *column, bool more)
{
    if (strcmp(column, "0") == 0) return more;
    printf("%s", more ? ", " : "");
    for (const char *at = column; *at; at++)
        if (strncmp(at, " | ", 3) == 0) {
            printf(", ");
            at += 2;
        } else {
            putchar(tolower((unsigned char)*at));
        }
    return true;
}

/* Prints the name of the request or, where there is none, of the API; then who may use it, by kind of connection and
 * by role. */
static void authority_row(const char *request, const char *kinds, const char *roles, const char *doc)
{
    printf(".It %s\n", request);
    text(doc);
    printf(":\n.Em ");
    (void)print_those_who_may(roles, print_those_who_may(kinds, false));
    puts(" .");
}

void authority(void)
{
    puts(".Bl -tag -width Ds");
#define ACT(act, request, api, kinds, roles, doc) authority_row(*request ? request : api, #kinds, #roles, doc);
#include "runtime/vocabulary/authority.def"
    list_end();
}

void limits(void)
{
#define LIMIT(name, otherwise, lowest, highest, doc) row(#name, #otherwise, doc);
#include "runtime/adapters/cti/limits.def"
}

/* Prints the abilities of links, and which link the core asks for each. */
void abilities(void)
{
    static const char *const asked[] = {[CAPS_OF_NONE] = "none", [CAPS_OF_OWN] = "own", [CAPS_OF_ANY] = "any"};
#define ABILITY(name, word, number, asks, played, doc) row(#word, asked[CAPS_OF_##asks], doc ".");
#include "runtime/vocabulary/contract.def"
}

/* Prints the adapters of this source tree, and what each of them can do. */
void adapters(void)
{
    const char *before;
#define ADAPTER(name, list, how, doc)                                                                                  \
    row(#name, "", doc ":");                                                                                           \
    before = "";
#define CAN(name, word)                                                                                                \
    printf("%s%s", before, #word);                                                                                     \
    before = ",\n";
#define END_ADAPTER(name) puts(".");
#include "runtime/vocabulary/contract.def"
}

/* Prints the abilities of adapters that depend on a setting. */
void wanted_settings(void)
{
#define WANTS(name, word, setting) row(#name, #word, #setting ".");
#include "runtime/vocabulary/contract.def"
}

/* Prints the steps that depend on a setting, and the steps that an adapter never does. */
void done_steps(void)
{
#define DOES(name, step, setting) row(step, #name, strcmp(#setting, "NEVER") == 0 ? "never." : #setting ".");
#include "runtime/vocabulary/contract.def"
}

/* Prints the limits beyond which adapters refuse to send or to submit. */
void refused_beyond(void)
{
#define LIMIT(name, what, number, doc) number_row(number, #name, doc ".");
#include "runtime/vocabulary/contract.def"
}

/* Prints the reasons for which adapters refuse steps, with the exit of each step. */
void refused_steps(void)
{
    static const char *const words[] = {
#define REASON(what, words) [WHY_##what] = words,
#include "runtime/vocabulary/contract.def"
    };
#define REFUSES(name, what, exit) row(#name, #exit, words[WHY_##what]);
#include "runtime/vocabulary/contract.def"
}

/* Returns the doc of a setting, with a note when a changed file takes effect. */
static const char *setting_said(const char *kind, const char *doc)
{
    static char said[1024];
    bool again = strcmp(kind, "again") == 0 || strcmp(kind, "secret") == 0, start = strcmp(kind, "start") == 0;
    snprintf(said, sizeof said, "%s%s", doc,
             again   ? "; read again once it has changed"
             : start ? "; read at the start of the adapter alone, which the log says when it changes"
                     : "");
    return said;
}

void chat_settings(void)
{
#define SETTING(name, usual, kind, doc)    row(#name, usual, setting_said(#kind, doc));
#define NUMBER(name, usual, min, max, doc) row(#name, #usual, doc);
#include "runtime/adapters/chat/settings.def"
#undef SETTING
#undef NUMBER
}

void desk_settings(void)
{
#define SETTING(name, usual, kind, doc)    row(#name, usual, setting_said(#kind, doc));
#define NUMBER(name, usual, min, max, doc) row(#name, #usual, doc);
#include "runtime/adapters/desk/settings.def"
#undef SETTING
#undef NUMBER
}

void dialer_settings(void)
{
#define SETTING(name, usual, kind, doc)    row(#name, usual, setting_said(#kind, doc));
#define NUMBER(name, usual, min, max, doc) row(#name, #usual, doc);
#include "runtime/adapters/dialer/settings.def"
#undef SETTING
#undef NUMBER
}

void sms_settings(void)
{
#define SETTING(name, usual, kind, doc)    row(#name, strchr(usual, ' ') ? "a sentence" : usual, setting_said(#kind, doc));
#define NUMBER(name, usual, min, max, doc) row(#name, #usual, doc);
#include "runtime/adapters/sms/settings.def"
#undef SETTING
#undef NUMBER
}

/* Prints the words of all languages, each with what it means. */
void sms_words(void)
{
#define WORD(meaning, language, word) row(word, language, #meaning);
#include "runtime/vocabulary/reserved.def"
}

void mms_settings(void)
{
#define SETTING(name, usual, kind, doc)    row(#name, usual, setting_said(#kind, doc));
#define NUMBER(name, usual, min, max, doc) row(#name, #usual, doc);
#include "runtime/adapters/mms/settings.def"
#undef SETTING
#undef NUMBER
}

void domains_settings(void)
{
#define SETTING(name, usual, kind, doc)    row(#name, usual, setting_said(#kind, doc));
#define NUMBER(name, usual, min, max, doc) row(#name, #usual, doc);
#include "runtime/adapters/domains/settings.def"
#undef SETTING
#undef NUMBER
}

void work_settings(void)
{
#define SETTING(name, usual, kind, doc)    row(#name, usual, setting_said(#kind, doc));
#define NUMBER(name, usual, min, max, doc) row(#name, #usual, doc);
#include "runtime/adapters/work/settings.def"
#undef SETTING
#undef NUMBER
}

void mms_limits(void)
{
#define LIMIT(name, number, doc) row(#number, "", doc);
#include "runtime/adapters/mms/limits.def"
}

void im_settings(void)
{
#define SETTING(name, usual, kind, doc)    row(#name, usual, setting_said(#kind, doc));
#define NUMBER(name, usual, min, max, doc) row(#name, #usual, doc);
#include "runtime/adapters/im/settings.def"
#undef SETTING
#undef NUMBER
}

/* Returns how XMPP's `show` is printed: empty, a word, `-` if nobody is there, `?` for any other word. */
static const char *presence_word(const char *show)
{
    return !*show ? "(none)" : strcmp(show, "-") == 0 ? "unavailable" : strcmp(show, "?") == 0 ? "(other)" : show;
}

void im_presence(void)
{
#define PRESENCE(show, state, reason, doc) row(presence_word(show), *reason ? #state ", " reason : #state, doc);
#include "runtime/adapters/im/presence.def"
}

void webhook_settings(void)
{
#define SETTING(name, usual, kind, doc)    row(#name, usual, setting_said(#kind, doc));
#define NUMBER(name, usual, min, max, doc) row(#name, #usual, doc);
#include "runtime/adapters/webhook/settings.def"
#undef SETTING
#undef NUMBER
}

void webhook_fields(void)
{
#define FIELD(name, must, doc) row(#name, must ? "needed" : "", doc);
#include "runtime/adapters/webhook/fields.def"
}

/* Returns in which settings a placeholder may be used; `of` has one bit per kind of setting. */
static const char *place_words(unsigned of)
{
    bool writes = of & 1, templates = of & 2, polls = of & 4, finds = of & 8, fetches = of & 16;
    if (writes && finds) return "everywhere";
    if (writes) return polls ? "write, poll" : "write";
    if (finds || fetches) return finds ? "media" : "media.url";
    if (of & 32) return "write.file";
    return templates ? "template" : "poll";
}

void webhook_places(void)
{
    enum { WRITES = 1, TEMPLATES = 2, POLLS = 4, FINDS = 8, FETCHES = 16, FILES = 32 };
#define PLACE(name, where, doc) row("{" #name "}", place_words(where), doc);
#include "runtime/adapters/webhook/places.def"
}

/* Prints the settings of the SIP adapter; the limits of the clients' wire are in gcx-security(7). */
void sip_settings(void)
{
#define SETTING(name, usual, kind, doc)    row(#name, usual, setting_said(#kind, doc));
#define NUMBER(name, usual, min, max, doc) row(#name, #usual, doc);
#define LIMIT(...)
#include "runtime/adapters/sip/settings.def"
#undef SETTING
#undef NUMBER
}

/* Prints one row with the parties that hear something; `CALLED|THIRD` becomes "called and third". */
static void sip_hears_row(const char *doc, const char *caller, const char *called, const char *third)
{
    const char *const cells[] = {caller, called, third}, *const names[] = {"caller: ", "; called: ", "; third: "};
    char words[200] = "";
    size_t length = 0;
    for (unsigned i = 0; i < 3; i++) {
        length += (size_t)snprintf(words + length, sizeof words - length, "%s", names[i]);
        for (const char *at = cells[i]; *at; at++)
            length += (size_t)snprintf(words + length, sizeof words - length, *at == '|' ? " and " : "%c",
                                       tolower((unsigned char)*at));
    }
    row(doc, "", words);
}

void sip_hears(void)
{
#define HEARS(state, doc, caller, called, third) sip_hears_row(doc, #caller, #called, #third);
#include "runtime/adapters/sip/hears.def"
}

void email_settings(void)
{
#define SETTING(name, usual, kind, doc)    row(#name, usual, setting_said(#kind, doc));
#define NUMBER(name, usual, min, max, doc) row(#name, #usual, doc);
#include "runtime/adapters/email/settings.def"
#undef SETTING
#undef NUMBER
}

void email_limits(void)
{
#define LIMIT(name, number, doc) row(#number, "", doc);
#include "runtime/adapters/email/limits.def"
}

void email_rule_limits(void)
{
#define LIMIT(name, number, doc) row(#number, "", doc);
#include "runtime/adapters/email/rule_limits.def"
}

/* Prints one list per adapter: the kind of letter, what becomes of a received one and of one of ours, and what it
 * is. */
void letters(void)
{
    static const struct {
        const char *adapter, *name, *kept, *seen, *answer, *goes, *doc;
    } rows[] = {
#define LETTER(adapter, name, kept, seen, answer, goes, doc) {#adapter, #name, #kept, #seen, #answer, #goes, doc},
#include "runtime/adapter/letters.def"
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool comes = strcmp(rows[i].kept, "NONE") != 0, goes = strcmp(rows[i].goes, "NONE") != 0;
        char aside[160];
        snprintf(aside, sizeof aside, "%s%s%s%s%s%s%s", comes ? "comes: " : "", comes ? rows[i].kept : "",
                 comes ? ", " : "", comes ? rows[i].seen : "",
                 comes && strcmp(rows[i].answer, "NEVER") == 0 ? ", no machine answers" : "", comes && goes ? "; " : "",
                 goes ? (strcmp(rows[i].goes, "SENT") == 0 ? "ours is sent" : "ours is refused") : "");
        for (char *at = aside; *at; at++) *at = (char)tolower((unsigned char)*at);
        if (i == 0 || strcmp(rows[i].adapter, rows[i - 1].adapter) != 0) {
            if (i > 0) list_end();
            printf(".Ss %s\n", rows[i].adapter);
            list_begin();
        }
        row(rows[i].name, aside, rows[i].doc);
    }
    list_end();
}

void sms_codings(void)
{
#define CODING(number, name, way, charset, doc) row(#number, "", doc);
#include "runtime/adapters/sms/codings.def"
}

void sms_languages(void)
{
#define LANGUAGE(number, name) row(#number, "", name);
#include "runtime/adapters/sms/national.def"
}

void email_robots(void)
{
#define ROBOT(name, doc) row(#name, "", doc);
    MAIL_ROBOTS(ROBOT)
#undef ROBOT
}

/* Prints one list per adapter: the reason of a refusal, what the peer is told, which alert rule tells it, and what
 * it means. */
void refusals(void)
{
    static const struct refusal_row rows[] = {
#define REFUSAL(adapter, reason, answer, severity, doc) {#adapter, #reason, answer, #severity, doc},
#include "runtime/adapter/refusals.def"
#undef REFUSAL
    };
    static const char *const rooms[][2] = {
#define ROOM(adapter, room) {#adapter, #room},
#define REFUSAL(adapter, reason, answer, severity, doc)
#include "runtime/adapter/refusals.def"
#undef REFUSAL
    };
    char aside[128];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (i == 0 || strcmp(rows[i].adapter, rows[i - 1].adapter) != 0) {
            if (i > 0) list_end();
            const char *before = "";
            for (size_t k = 0; k < sizeof rooms / sizeof *rooms; k++)
                if (strcmp(rooms[k][1], rows[i].adapter) == 0) {
                    printf("%s%s", *before ? before : ".Ss ", rooms[k][0]);
                    before = ", ";
                }
            printf(*before ? "\n" : ".Ss %s\n", rows[i].adapter);
            list_begin();
        }
        snprintf(aside, sizeof aside, "%s; %s", *rows[i].answer ? rows[i].answer : "no answer", rows[i].severity);
        row(rows[i].reason, aside, rows[i].doc);
    }
    list_end();
}

/* Prints one list per kind of check: what is checked, whether it is an error, and the sentence reported. */
void site_checks(void)
{
    static const struct check_told {
        const char *way, *severity, *looked, *sentence;
    } rows[] = {
#define CHECK(id, way, severity, looked, sentence) {#way, #severity, looked, sentence},
#include "runtime/adapter/checks.def"
#undef CHECK
    };
    static const char *const ways[][2] = {{"start", "The start"},      {"call", "A call"},
                                          {"campaign", "A campaign"},  {"mail", "A mail"},
                                          {"text", "A text"},          {"chat", "A chat and the desk"},
                                          {"standby", "Two machines"}, {"site", "Data"}};
    for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
        printf(".Ss %s\n", ways[k][1]);
        list_begin();
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            if (strcmp(rows[i].way, ways[k][0]) == 0) row(rows[i].looked, rows[i].severity, rows[i].sentence);
        list_end();
    }
}

/* Writes the names of the plugins whose source folder is called `adapter`, separated by commas; if there are none,
 * the adapter's name. */
static void plugins_of(const char *adapter, char *text, size_t size)
{
    static const char *const rooms[][2] = {
#define ROOM(plugin, room)    {#plugin, #room},
#define REFUSAL(adapter, ...) /* rows print nothing here: only the names of the folders are used */
#include "runtime/adapter/refusals.def"
#undef REFUSAL
    };
    size_t length = 0;
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++)
        if (strcmp(rooms[i][1], adapter) == 0)
            length += (size_t)snprintf(text + length, size - length, "%s%s", length > 0 ? ", " : "", rooms[i][0]);
    if (length == 0) snprintf(text, size, "%s", adapter);
}

/* Prints one row per neighbour: the plugins that need it, the setting that names it, and how the neighbour is
 * checked. */
void neighbours(void)
{
    char aside[96], of[64];
#define NEIGHBOUR(adapter, name, setting, look, doc)                                                                   \
    plugins_of(#adapter, of, sizeof of);                                                                               \
    snprintf(aside, sizeof aside, "%s, setting %s", of, #setting);                                                     \
    row(#name, aside, doc ": " look ".");
#include "runtime/adapter/neighbours.def"
#undef NEIGHBOUR
}
