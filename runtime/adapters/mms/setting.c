/* runtime/adapters/mms/setting.c - Reads and checks the settings of the plugin `mms`.
 *
 * The rows of settings.def are read first, then the file with the password, and last combinations are checked. The
 * file's first line, "provider:secret", is kept only in base64, as it is in an HTTP header. The line itself is
 * overwritten at once. */
#include "runtime/adapters/mms/setting.h"

#include <glib.h>
#include <string.h>

#include "runtime/adapter/address.h"
#include "base/why.h"

#define SETTINGS_DEF    "runtime/adapters/mms/settings.def"
#define SETTINGS_STRUCT struct mms_setting
#include "runtime/adapter/settings_rows.h"

#define SMTP "smtp://"

/* Reads the file of credentials; called at the start and whenever the file has changed. False: the credentials stay
 * as they were. */
bool mms_read_credentials(void *self, struct watched_lost *lost, char *why, size_t why_size)
{
    struct mms_setting *setting = self;
    char *line = NULL;
    (void)lost;
    if (!setting_password(setting->password_file, "password_file", &line, why, why_size)) return false;
    if (!line) return true;
    bool good = strchr(line, ':') || why_set(why, why_size, "password_file: its first line is not NAME:PASSWORD");
    if (good) /* GLib's memory is malloc()'s */
        secret_becomes(&setting->credentials, g_base64_encode((const guchar *)line, strlen(line)));
    setting_password_free(line);
    return good;
}

static bool mms_may_be_open(const char *address)
{
    return !*address || address_says_loopback(address);
}

/* Checks combinations of settings: each row is a wrong one, with a sentence about it. The first wrong combination is
 * reported. */
static bool mms_check(const struct mms_setting *setting, char *why, size_t why_size)
{
    bool insecure = setting_yes(setting->insecure), answers = *setting->mm4_answers;
    const char *answers_to = answers ? setting->mm4_answers + strlen(SMTP) : "";
    const struct {
        bool wrong;
        const char *why;
    } rows[] = {
        {!*setting->mm7 && !*setting->mm4, "mm7: neither it nor `mm4` is set, so no message could come"},
        {!insecure && !mms_may_be_open(setting->mm7) && !secret_text(&setting->credentials),
         "password_file: it is not set, and `mm7` is open to other machines: insecure = yes allows it"},
        {!insecure && !mms_may_be_open(setting->mm4),
         "mm4: it is open to other machines, and has no TLS: insecure = yes allows it"},
        {answers && !g_str_has_prefix(setting->mm4_answers, SMTP), "mm4_answers: it is not smtp://HOST:PORT"},
        {answers && (!strchr(setting->mm4_from, '@') || strpbrk(setting->mm4_from, " \t\r\n<>")),
         "mm4_from: it is no address, and `mm4_answers` is set"},
        {answers && g_str_has_prefix(setting->mm4_answers, SMTP) && strpbrk(answers_to, "/?#@ \t\r\n"),
         "mm4_answers: it is not smtp://HOST:PORT"},
        {!*setting->domain || strcspn(setting->domain, " \t\r\n<>") != strlen(setting->domain),
         "domain: it is no domain"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].wrong) return why_set(why, why_size, "%s", rows[i].why);
    return true;
}

bool mms_setting_read(struct mms_setting *setting, setting_get *get, void *self, char *why, size_t why_size)
{
    *setting = (struct mms_setting){0};
    return setting_rows_read(setting, get, self, why, why_size) &&
           settings_store("store", setting->store, setting->country, why, why_size) &&
           mms_read_credentials(setting, &(struct watched_lost){0}, why, why_size) &&
           mms_check(setting, why, why_size) && numbers_said(&setting->own_numbers, setting->numbers, why, why_size);
}

void mms_setting_free(struct mms_setting *setting)
{
    secret_free(&setting->credentials);
    numbers_free(&setting->own_numbers);
    *setting = (struct mms_setting){0};
}
