/* runtime/adapters/email/plugin.c - The descriptor that `email` exports: its servers for incoming mails, and which
 * function gets each effect.
 *
 *     mail server  --LMTP--> receive_ --> email_on_mail() --> office, letters --> core
 *     mailbox      --IMAP--> poll_
 *     web page     --HTTP--> form_
 *     core         --effect--> classify_ask()       where the effect is Classify
 *                              office_perform_all() for all others; send_ writes to the mail server
 *
 * email_close() is also called if only some parts were started: each part may be NULL. The server for incoming mails
 * is freed before the post office that gets its mails. */
#include <curl/curl.h>
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/address.h"
#include "runtime/adapter/look.h"
#include "runtime/adapters/email/email.h"
#include "runtime/adapters/email/token.h"
#include "runtime/mail/parts.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/effects_work.h"
#include "base/memory.h"
#include "runtime/vocabulary/target.h"
#include "base/why.h"

/* ---- mails come ---- */

/* Returns 0: the mail server may go on. 452: too many bytes of mail are in memory already; the server keeps its mail
 * and comes again later. */
static unsigned email_session_begins(void *self)
{
    struct email *email = self;
    unsigned code = email->held > email->doors.held_max ? 452 : email_ready(email);
    if (code != 0) office_refused(email->office, true);
    return code;
}

/* Checks a recipient; 550 is final: the mail server tells the sender. An address that the settings do not name is
 * refused before the bytes of the mail are sent. */
static unsigned email_recipient(void *self, const char *address)
{
    struct email *email = self;
    if (email_queue(email, address)) return 0;
    office_refused(email->office, false);
    return 550;
}

static void email_answered(void *self, uint64_t ticket, unsigned code, const char *text)
{
    struct email *email = self;
    if (email->receive) receive_answer(email->receive, ticket, code, text);
}

/* Takes a mail; one to several of the plugin's addresses is one interaction, in the queue of the first. */
static void email_on_mail(void *self, uint64_t ticket, const struct dialogue_mail *mail)
{
    struct email *email = self;
    email_take(email, mail->bytes, mail->length, mail->sender, mail->recipients[0], email_answered, email, ticket);
}

/* ---- doors ---- */

/* Reads the address to listen at. Mails without TLS from other machines are refused, unless the site allows that. */
static bool open_address(const char *text, const char *name, bool insecure, struct address *address, char *why,
                         size_t why_size)
{
    char reason[200];
    if (!address_parse(address, text, reason, sizeof reason)) return why_set(why, why_size, "%s: %s", name, reason);
    if (insecure || address_is_loopback((const struct sockaddr *)&address->socket)) return true;
    return why_set(why, why_size, "%s: %s is open to other machines, and there is no TLS: insecure = yes allows it",
                   name, text);
}

/* Opens a server for mails, unless the setting is "none" or empty. The port is written to its file after the server
 * is open, so that a reader of the file may connect at once. With port 0 that file is the only way to learn the
 * port. */
static bool email_open_door(struct email *email, const char *text, const char *name, const char *port_file, bool lmtp,
                            char *why, size_t why_size)
{
    struct address address;
    unsigned port;
    if (!*text || strcmp(text, "none") == 0) return true;
    if (!open_address(text, name, setting_yes(email->setting.insecure), &address, why, why_size)) return false;
    if (!receive_listen(email->receive, &address, lmtp, &port))
        return why_set(why, why_size, "%s: %s: %s", name, text, strerror(errno));
    email->services->log(email->link, GCX_LOG_INFO, 0, 0, "%s: port %u", name, port);
    if (!*port_file || address_port_tell(port_file, port)) return true;
    return why_set(why, why_size, "%s: %s: %s", lmtp ? "port_file" : "smtp_port_file", port_file, strerror(errno));
}

static void email_second(struct email *email)
{
    email->services->figure(email->link, "mails_oldest", office_oldest_s(email->office));
    watched_tick(&email->files);
    if (email->poll) poll_tick(email->poll);
    if (email->form) form_tick(email->form);
}

static void email_watch_files(struct email *email)
{
    struct watched_files *files = &email->files;
    send_watched(email->send, files);
    token_watched(email->token, files);
    if (email->poll) poll_watched(email->poll, files);
    classify_watched(email->classify, files);
}

/* Starts the parts; the servers come last, so that a mail that comes in finds all other parts ready. */
static bool email_start_parts(struct email *email, struct event_base *base, char *why, size_t why_size)
{
    const struct email_setting *setting = &email->setting;
    struct receive_calls calls = {email,         email_session_begins, email_recipient,
                                  email_on_mail, email->link,          email->services};
    letter_rules(setting, &email->rules);
    const struct office_setup setup = {email->link, email->services, base, &letter_way, &email->rules, email, NULL};
    if (!(email->office = office_new(&setup, why, why_size))) return false;
    if (*setting->oauth && !(email->token = token_new(setting, why, why_size))) return false;
    if (!(email->send = send_new(email, base, why, why_size)) ||
        !(email->classify = classify_new(email, base, why, why_size)))
        return false;
    if (*setting->imap && !(email->poll = poll_new(email, base, why, why_size))) return false;
    email->doors = (struct receive_setting){setting->own_domain,
                                            setting->size,
                                            setting->held,
                                            (unsigned)setting->connections,
                                            (unsigned)setting->per_address,
                                            (unsigned)setting->mails_per_minute,
                                            (unsigned)setting->idle};
    email_watch_files(email);
    email->receive = receive_new(base, &email->doors, &calls);
    if (*setting->forms && !(email->form = form_new(email, why, why_size))) return false;
    return office_begin(email->office, why, why_size) &&
           email_open_door(email, setting->lmtp, "lmtp", setting->port_file, true, why, why_size) &&
           email_open_door(email, setting->smtp, "smtp", setting->smtp_port_file, false, why, why_size);
}

/* ---- the plugin ---- */

static void email_close(void *self)
{
    struct email *email = self;
    token_stops(email->token);
    office_close(email->office);
    receive_free(email->receive);
    email->receive = NULL;
    form_free(email->form);
    email->form = NULL;
    poll_free(email->poll);
    classify_free(email->classify);
    email->classify = NULL; /* classify_has_body() finds NULL, if the post office still brings back a body */
    send_free(email->send);
    token_free(email->token);
    office_free(email->office);
    letters_free(email);
    writer_free(&email->writer);
    email_setting_free(&email->setting);
    free(email);
}

static void *email_open(struct gcx_link *link, const struct gcx_services *services, char *why, size_t why_size)
{
    struct event_base *base = services->base(link);
    if (!base) {
        snprintf(why, why_size, "it needs an event loop for its sockets");
        return NULL;
    }
    parts_begin();
    curl_global_init(CURL_GLOBAL_ALL);
    struct email *email = memory_zeroed(1, sizeof *email);
    email->link = link;
    email->services = services;
    email->second = email_second;
    letters_open(email);
    writer_init(&email->writer);
    watched_begin(&email->files, link, services);
    if (email_setting_read(&email->setting, watched_setting, &email->files, why, why_size) &&
        email_start_parts(email, base, why, why_size))
        return email;
    email_close(email);
    return NULL;
}

/* Makes the checks of a start that open nothing: no file is made and no port is bound, as another process may be
 * running with the same settings. */
static bool email_check(const char *(*get)(void *self, const char *key), void *self, char *why, size_t why_size)
{
    struct email_setting setting;
    struct address address;
    bool good = email_setting_read(&setting, get, self, why, why_size);
    bool insecure = good && setting_yes(setting.insecure);
    const char *const doors[][2] = {{"lmtp", setting.lmtp}, {"smtp", setting.smtp}};
    for (unsigned i = 0; i < 2 && good; i++)
        if (*doors[i][1] && strcmp(doors[i][1], "none") != 0)
            good = open_address(doors[i][1], doors[i][0], insecure, &address, why, why_size);
    good = good && classify_check(setting.rules, why, why_size) && form_check(&setting, why, why_size);
    email_setting_free(&setting);
    return good;
}

static void email_perform(void *self, const struct message *effect)
{
    struct email *email = self;
    if (effect->kind == KIND_Classify)
        classify_ask(email->classify, effect);
    else
        office_perform_all(email->office, effect);
}

static void email_plugin_core_up(void *self, bool up)
{
    struct email *email = self;
    if (up) email->services->peer(email->link, "mail", true);
    office_core_up(email->office, up);
}

static void email_committed(void *self, uint64_t posted)
{
    office_committed(((struct email *)self)->office, posted);
}

/* Does a strategy handle the mails that come in? A site may also only send mails. */
static bool mails_are_taken(const struct gcx_look *look)
{
    struct gcx_site_name medium;
    for (size_t i = 0; look->site(look->self, "medium", i, &medium); i++)
        if (strcmp(medium.name, "email") == 0) return true;
    return false;
}

/* Checks that mails come in, to an address of the plugin, and that answers are sent from one. */
static void email_way_look(const struct gcx_look *look)
{
    struct email_setting setting;
    char why[512];
    /* check() has reported the mistake */
    if (!email_setting_read(&setting, look->setting, look->self, why, sizeof why)) return;
    for (size_t i = 0; i < setting.count; i++) look->adds(look->self, "address", setting.all[i].address, "");
    const char *port = strrchr(setting.lmtp, ':');
    bool nowhere = strcmp(setting.lmtp, "none") == 0 || (port && strcmp(port, ":0") == 0 && !*setting.port_file);
    if (nowhere && !*setting.smtp && !*setting.imap && !*setting.forms && mails_are_taken(look))
        look_tell(look, CHECK_mail_door, "lmtp", LOOK_WORDS(setting.lmtp));
    if (!*setting.submission) look_tell(look, CHECK_mail_submission, "submission", LOOK_WORDS("submission"));
    if (look_is_own(setting.submission, setting.lmtp) || look_is_own(setting.submission, setting.smtp))
        look_tell(look, CHECK_mail_self, "submission", LOOK_WORDS(setting.submission));
    if (*setting.from && !setting_queue(&setting, setting.from))
        look_tell(look, CHECK_mail_from, "from", LOOK_WORDS(setting.from));
    classify_look(look, setting.rules);
    email_setting_free(&setting);
}

struct sought { /* a standard response that is searched by its name */
    const char *name;
    bool found;
};

static void sought_on_response(void *self, const struct store_response *response)
{
    struct sought *sought = self;
    sought->found |= span_is(response->name, sought->name);
}

/* Checks that the store has the standard responses that strategies send; a store that does not exist yet has none. */
static void email_templates_look(const struct gcx_look *look)
{
    struct gcx_site_name template;
    struct error error = {0};
    const char *target = look->setting(look->self, "store");
    if (!target || !target_file(target) || !look->site(look->self, "template", 0, &template)) return;
    struct store *store = store_open_as_is(target, &error);
    for (size_t i = 0; look->site(look->self, "template", i, &template); i++) {
        struct sought sought = {.name = template.name};
        if (store) (void)store_responses(store, "", span_of(""), span_of(""), sought_on_response, &sought, &error);
        if (!sought.found) look_tell(look, CHECK_mail_template, "store", LOOK_WORDS(template.where, template.name));
    }
    store_close(store);
}

struct fields_looked {
    const struct gcx_look *look;
    struct store *store;
    const struct store_response *response;
    struct error error;
};

static void fields_on_unknown(void *self, struct span name, const char *near)
{
    const struct fields_looked *looked = self;
    const struct store_response *response = looked->response;
    char place[200], field[100], meant[100] = "";
    snprintf(place, sizeof place, "%.*s%s%.*s", (int)response->category.length, (const char *)response->category.bytes,
             response->category.length > 0 ? "/" : "", (int)response->name.length, (const char *)response->name.bytes);
    snprintf(field, sizeof field, "{%.*s}", (int)name.length, (const char *)name.bytes);
    if (near) snprintf(meant, sizeof meant, ", or write {%s}", near);
    look_tell(looked->look, CHECK_mail_field, "store", LOOK_WORDS(place, field, meant));
}

static void fields_on_response(void *self, const struct store_response *response)
{
    struct fields_looked *looked = self;
    struct gcx_site_name template;
    bool sent = false;
    char name[200];
    snprintf(name, sizeof name, "%.*s", (int)response->name.length, (const char *)response->name.bytes);
    for (size_t i = 0; looked->look->site(looked->look->self, "template", i, &template); i++)
        sent |= strcmp(template.name, name) == 0;
    looked->response = response;
    if (!span_is(response->category, "templates"))
        (void)store_unknown(looked->store, "", response, !sent, fields_on_unknown, looked, &looked->error);
}

/* Checks the fields of the store's responses: an agent's name is filled in if agents send, and not if strategies do. */
static void email_fields_look(const struct gcx_look *look)
{
    const char *target = look->setting(look->self, "store");
    struct fields_looked looked = {.look = look};
    if (!target || !target_file(target)) return;
    looked.store = store_open_as_is(target, &looked.error);
    if (looked.store)
        (void)store_responses(looked.store, "", span_of(""), span_of(""), fields_on_response, &looked, &looked.error);
    store_close(looked.store);
}

static void email_look(const struct gcx_look *look)
{
    setting_looks(look);
    email_way_look(look);
    email_templates_look(look);
    email_fields_look(look);
}

const struct gcx_adapter gcx_adapter = {
    .interface = GCX_ADAPTER_INTERFACE,
    .name = "email",
    .media = media_of_email,
    .caps = caps_of_email,
    .settings = setting_names,
    .open = email_open,
    .close = email_close,
    .perform = email_perform,
    .core_up = email_plugin_core_up,
    .committed = email_committed,
    .check = email_check,
    .look = email_look,
};
