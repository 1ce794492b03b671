/* runtime/adapter/settings_secret.c - Reads the secrets from the files that a plugin's settings name.
 *
 *     secret_text() --> text, which may be replaced at any moment by secret_becomes()
 *     before        --> the texts from before, until secret_free()
 *
 * A password that changes while it is used stays in memory: another thread may still read the old text. Passwords
 * change rarely, so this list is short. A text is overwritten before it is freed. */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/adapter/settings.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/why.h"

enum { PASSWORD_MAX = 4096 };

bool setting_private(const char *path, char *why, size_t why_size)
{
    struct stat info;
    if (stat(path, &info) != 0)
        snprintf(why, why_size, "%s: %s", path, strerror(errno));
    else if (!S_ISREG(info.st_mode))
        snprintf(why, why_size, "%s is no file", path);
    else if ((info.st_mode & S_IROTH) != 0)
        snprintf(why, why_size, "%s may be read by everybody: chmod o-r it", path);
    else
        return true;
    return false;
}

/* Reads the first line of the file as the password. `*password` stays NULL if the setting is empty, and true is
 * returned. */
bool setting_password(const char *path, const char *name, char **password, char *why, size_t why_size)
{
    const char *reason;
    char said[256];
    size_t length;
    *password = NULL;
    if (!*path) return true;
    if (!setting_private(path, said, sizeof said)) return why_set(why, why_size, "%s: %s", name, said);
    *password = file_read(path, PASSWORD_MAX, &length, &reason);
    if (*password) {
        char *said_there = file_secret(*password);
        memmove(*password, said_there, strlen(said_there) + 1);
        if (**password) return true;
        setting_password_free(*password);
        *password = NULL;
        return why_set(why, why_size, "%s: the first line of %s is empty", name, path);
    }
    return why_set(why, why_size, "%s: %s: %s", name, path, reason);
}

void setting_password_free(char *password)
{
    if (password) explicit_bzero(password, strlen(password));
    free(password);
}

/* --- secrets that change --- */

struct secret_before {
    char *text;
    struct secret_before *before;
};

const char *secret_text(const struct secret *secret)
{
    return atomic_load(&secret->text);
}

/* Takes ownership of `text`. Only one thread may call this; any thread may read the secret. */
void secret_becomes(struct secret *secret, char *text)
{
    char *old = atomic_exchange(&secret->text, text);
    if (!old) return;
    struct secret_before *before = memory_zeroed(1, sizeof *before);
    *before = (struct secret_before){old, secret->before};
    secret->before = before;
}

bool secret_read(struct secret *secret, const char *path, const char *name, char *why, size_t why_size)
{
    char *text;
    secret->path = path;
    secret->name = name;
    if (!setting_password(path, name, &text, why, why_size)) return false;
    secret_becomes(secret, text);
    return true;
}

void secret_free(struct secret *secret)
{
    setting_password_free(atomic_exchange(&secret->text, NULL));
    while (secret->before) {
        struct secret_before *before = secret->before;
        secret->before = before->before;
        setting_password_free(before->text);
        free(before);
    }
}
