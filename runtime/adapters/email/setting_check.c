/* runtime/adapters/email/setting_check.c - Checks of settings, each by itself and some together.
 *
 * Two tables. `texts` has a row for each text setting, with the check for its kind: settings.def has the kind, and
 * check_KIND is the function. A kind that is checked in another place has check_plain, with the name of the checking
 * function next to it. `pairs` has a row for each combination that is wrong. The first mistake found is reported,
 * and the rest is not checked. An empty value is never wrong by itself, for most settings may be left out. */
#include <glib.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapter/address.h"
#include "runtime/adapter/settings.h"
#include "runtime/adapters/email/setting.h"
#include "base/file.h"

/* ---- one value: returns what is wrong, for the text after the setting's name ---- */

typedef bool value_check(const char *value, char *why, size_t why_size);

static bool setting_say_wrong(char *why, size_t why_size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool setting_say_wrong(char *why, size_t why_size, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(why, why_size, format, values);
    va_end(values);
    return false;
}

static bool check_plain(const char *value, char *why, size_t why_size)
{
    (void)value, (void)why, (void)why_size;
    return true;
}

static bool check_answer(const char *value, char *why, size_t why_size)
{
    if (setting_yes(value) || strcmp(value, "no") == 0) return true;
    return setting_say_wrong(why, why_size, "`%s` is neither yes nor no", value);
}

static bool check_door(const char *value, char *why, size_t why_size)
{
    char host[256];
    return strcmp(value, "none") == 0 || address_split(value, host, why, why_size);
}

/* Checks a URL such as "imaps://mail.example:993": a name and a password within it are refused, as they have settings
 * of their own. */
static bool check_server(const char *value, const char *scheme, char *why, size_t why_size)
{
    size_t length = strlen(scheme);
    const char *at = g_str_has_prefix(value, scheme) ? value + length : NULL;
    if (at && *at == 's') at++;
    if (at && g_str_has_prefix(at, "://") && at[3] && !strpbrk(at + 3, "/?#@ ")) return true;
    return setting_say_wrong(why, why_size, "`%s` is not %s://HOST:PORT or %ss://HOST:PORT", value, scheme, scheme);
}

static bool check_smtp(const char *value, char *why, size_t why_size)
{
    return check_server(value, "smtp", why, why_size);
}

static bool check_imap(const char *value, char *why, size_t why_size)
{
    return check_server(value, "imap", why, why_size);
}

/* Checks an address: a comma, a semicolon or a bracket would end it within a header, and begin another. */
static bool check_address(const char *value, char *why, size_t why_size)
{
    const char *at = strrchr(value, '@');
    bool good = at && at > value && at[1] && !strpbrk(value, " \t\r\n<>,;\"") && strlen(value) < SETTING_TEXT_MAX;
    return good || setting_say_wrong(why, why_size, "`%s` is no address of the form NAME@DOMAIN", value);
}

bool setting_is_domain(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    return *text && strspn(text, letters) == strlen(text) && strlen(text) < SETTING_TEXT_MAX;
}

static bool check_domain(const char *value, char *why, size_t why_size)
{
    return setting_is_domain(value) || setting_say_wrong(why, why_size, "`%s` is no domain", value);
}

static bool check_folder(const char *value, char *why, size_t why_size)
{
    bool good = g_utf8_validate(value, -1, NULL) && strlen(value) < SETTING_TEXT_MAX;
    for (const char *c = value; *c && good; c++) good = *c != 127 && !(*c > 0 && *c < ' ');
    return good ||
           setting_say_wrong(why, why_size, "this is no name of a folder: it is too long, or no text of one line");
}

static bool check_certificate(const char *value, char *why, size_t why_size)
{
    const char *reason;
    FILE *file = file_reader(value, &reason);
    if (!file) return setting_say_wrong(why, why_size, "%s: %s", value, reason);
    fclose(file);
    return true;
}

/* Checks the file of a secret: not everybody on the machine may be able to read it. */
static bool check_secret(const char *value, char *why, size_t why_size)
{
    return setting_private(value, why, why_size) && check_certificate(value, why, why_size);
}

#define check_written        check_plain
#define check_again          check_plain /* classify_check() */
#define check_start          check_plain /* classifier_check() */
#define check_key            check_plain
#define check_store          check_plain /* settings_store() */
#define check_url            check_plain /* classifier_check() */
#define check_routes(medium) check_plain /* read_addresses() */

static const struct {
    const char *name;
    size_t at; /* in the struct */
    value_check *check;
} texts[] = {
#define SETTING(name, usual, kind, doc) {#name, offsetof(struct email_setting, name), check_##kind},
#define NUMBER(name, usual, min, max, doc)
#include "runtime/adapters/email/settings.def"
#undef SETTING
#undef NUMBER
};

static bool check_values(const struct email_setting *setting, char *why, size_t why_size)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *value;
        char reason[400];
        memcpy(&value, (const char *)setting + texts[i].at, sizeof value);
        if (*value && !texts[i].check(value, reason, sizeof reason))
            return setting_say_wrong(why, why_size, "%s: %s", texts[i].name, reason);
    }
    return true;
}

/* ---- some together ---- */

/* Does "http://HOST:PORT/..." name this machine? Port 80 is added if there is none, as address_says_loopback() needs
 * one. The colons of an IPv6 address in brackets do not begin a port. */
static bool says_loopback(const char *url)
{
    const char *host = strstr(url, "://") + 3;
    char *text = g_strndup(host, strcspn(host, "/?"));
    bool port = strrchr(text, ':') > strrchr(text, ']');
    char *whole = port ? g_strdup(text) : g_strconcat(text, ":80", NULL);
    bool loopback = address_says_loopback(whole);
    g_free(whole);
    g_free(text);
    return loopback;
}

/* Checks settings that are useless, or that make the adapter send what it must not, without another setting. */
static bool check_together(const struct email_setting *setting, char *why, size_t why_size)
{
    const struct {
        bool wrong;
        const char *why;
    } pairs[] = {
        {*setting->imap && !*setting->imap_user, "imap_user: it is not set, and `imap` is"},
        {*setting->imap && !*setting->imap_folder, "imap_folder: it is empty, and `imap` is set"},
        {!*setting->imap && *setting->imap_user, "imap_user: it is set, and `imap` is not"},
        {*setting->imap_user && !*setting->imap_password_file && !*setting->oauth,
         "imap_password_file: it is not set, and `imap_user` is; nor is `oauth`"},
        {*setting->imap_done && strcmp(setting->imap_done, setting->imap_folder) == 0,
         "imap_done: it is the folder that mails are fetched from"},
        {*setting->imap_refused && strcmp(setting->imap_refused, setting->imap_folder) == 0,
         "imap_refused: it is the folder that mails are fetched from"},
        {!*setting->submission && *setting->submission_user, "submission_user: it is set, and `submission` is not"},
        {*setting->submission_user && !*setting->submission_password_file && !*setting->oauth,
         "submission_password_file: it is not set, and `submission_user` is; nor is `oauth`"},
        {*setting->oauth && !*setting->oauth_client, "oauth_client: it is not set, and `oauth` is"},
        {*setting->oauth && !*setting->oauth_secret_file && !*setting->oauth_refresh_file,
         "oauth_secret_file: neither it nor `oauth_refresh_file` is set, and `oauth` is"},
        {!*setting->oauth && *setting->oauth_client, "oauth: it is not set, and `oauth_client` is"},
        {*setting->oauth && (!*setting->imap_user || *setting->imap_password_file) &&
             (!*setting->submission_user || *setting->submission_password_file),
         "oauth: neither `imap_user` nor `submission_user` is without a password file"},
        {strncmp(setting->oauth, "http:", 5) == 0 && !says_loopback(setting->oauth),
         "oauth: the secret would go to another machine without TLS: it wants https://"},
        {strncmp(setting->classifier, "http:", 5) == 0 && !setting_yes(setting->classifier_insecure) &&
             !says_loopback(setting->classifier),
         "classifier: mails would go to another machine without TLS: classifier_insecure = yes allows it"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (pairs[i].wrong) return setting_say_wrong(why, why_size, "%s", pairs[i].why);
    return true;
}

bool setting_check(const struct email_setting *setting, char *why, size_t why_size)
{
    return check_values(setting, why, why_size) && check_together(setting, why, why_size);
}
