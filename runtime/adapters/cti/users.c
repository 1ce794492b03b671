/* runtime/adapters/cti/users.c - Reads the file of users.
 *
 * The file is read into a new table, which replaces the old one only if all its lines are good. There are three
 * indexes: by name (for logins), by certificate, and by agent (for groups). A certificate belongs to the user whose
 * line names it, or, if no line does, to the user with the name in its CN. */
#include "runtime/adapter/settings.h"
#include "runtime/adapters/cti/users.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/look.h"
#include "runtime/vocabulary/bytes.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/why.h"

/* A hash that is checked for names that no user has, so that the refusal takes as long: it has the usual cost, and
 * nobody knows its password. */
static const char nobody[] = "$argon2id$v=19$m=65536,t=2,p=1$B6Hwn3c72T+U7Qz5POudvA$"
                             "WhfRWFXl0EowsCAi3W/tedcmX9zUXtiqLGdHX1SO8Xk";

_Static_assert(HASH_SIZE == crypto_pwhash_STRBYTES, "a hash of libsodium fits");

static const char *const role_names[] = {
#define ROLE(name, doc) #name,
#include "runtime/adapters/cti/roles.def"
};

const char *cti_role_name(enum role role)
{
    return role == ROLE_switch_ ? "switch" : role_names[role];
}

static void user_free(struct user *user)
{
    free(user->certificate);
    destinations_free(&user->dns);
    destinations_free(&user->groups);
    free(user);
}

void users_free(struct users *users)
{
    if (!users) return;
    while (users->first) {
        struct user *user = users->first;
        users->first = user->next;
        user_free(user);
    }
    index_free(&users->by_name);
    index_free(&users->by_agent);
    index_free(&users->by_certificate);
    free(users);
}

/* --- A line --- */

static const char *set_role(struct user *user, const char *word)
{
    for (enum role role = 0; word && role < ROLE_switch_; role++) {
        if (strcmp(word, role_names[role]) == 0) {
            user->role = role;
            return NULL;
        }
    }
    return "after the user's name stands its role: agent, supervisor or monitor";
}

static const char *set_name(char field[NAME_SIZE], const char *value, const char *wrong)
{
    return value[0] != 0 && text_set(field, NAME_SIZE, value) ? NULL : wrong;
}

static const char *users_set_hash(struct user *user, const char *value)
{
    bool good = strncmp(value, "$argon2id$", 10) == 0 && text_set(user->hash, sizeof user->hash, value) &&
                crypto_pwhash_str_needs_rehash(value, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                               crypto_pwhash_MEMLIMIT_INTERACTIVE) >= 0;
    return good ? NULL : "`password` is a hash as `gcxvm --hash-password` makes it, $argon2id$...; never the password";
}

/* Reads a word of the line after the role; returns what is wrong with it, or NULL. */
static const char *set_word(struct user *user, char *word)
{
    char *value = strchr(word, '=');
    if (!value) {
        user->data = strcmp(word, "data") == 0;
        return user->data ? NULL
                          : "expected `data`, or a word and its value: password=, certificate=, agent=, dn=, group=";
    }
    *value++ = 0;
    if (strcmp(word, "password") == 0) return users_set_hash(user, value);
    if (strcmp(word, "agent") == 0) return set_name(user->agent, value, "`agent` is a name of at most 64 bytes");
    if (strcmp(word, "certificate") == 0 && value[0] != 0 && !user->certificate) {
        user->certificate = memory_text(value);
        return NULL;
    }
    if (strcmp(word, "dn") == 0 || strcmp(word, "group") == 0) {
        struct destinations *list = word[0] == 'd' ? &user->dns : &user->groups;
        destinations_split(list, value);
        return list->count > 0 ? NULL : "`dn` and `group` are lists with commas and no blanks between";
    }
    return "expected one each of password=, certificate=, agent=, dn=, group=, or `data`";
}

static const char *set_user(struct user *user, char *line)
{
    static const char blanks[] = " \t\r";
    char *rest = line, *word = strtok_r(line, blanks, &rest);
    const char *wrong = set_name(user->name, word, "a user's name has at most 64 bytes");
    if (!wrong) wrong = set_role(user, strtok_r(NULL, blanks, &rest));
    while (!wrong && (word = strtok_r(NULL, blanks, &rest))) wrong = set_word(user, word);
    if (!wrong && user->role == ROLE_agent && user->agent[0] == 0)
        text_set(user->agent, sizeof user->agent, user->name);
    if (!wrong && user->role == ROLE_monitor && user->agent[0] != 0) wrong = "a monitor acts for no agent";
    return wrong;
}

static const char *users_add(struct users *users, struct user *user)
{
    assert(user->name[0] != 0);
    const char *shown = !user->certificate ? user->name : user->certificate;
    if (index_find(&users->by_name, user->name)) return "this user stands twice";
    if (index_find(&users->by_certificate, shown)) return "another user has a certificate of that name";
    if (user->agent[0] != 0 && index_find(&users->by_agent, user->agent)) return "another user acts for that agent";
    index_add(&users->by_name, user->name, user);
    index_add(&users->by_certificate, shown, user);
    if (user->agent[0] != 0) index_add(&users->by_agent, user->agent, user);
    user->next = users->first;
    users->first = user;
    users->decoy = user->hash[0] != 0 ? user->hash : users->decoy;
    return NULL;
}

static const char *users_take_line(struct users *users, char *line)
{
    char *text = line + strspn(line, " \t\r");
    if (text[0] == 0 || text[0] == '#') return NULL;
    struct user *user = memory_zeroed(1, sizeof *user);
    const char *wrong = set_user(user, text);
    wrong = wrong ? wrong : users_add(users, user);
    if (wrong) user_free(user);
    return wrong;
}

static char *read_whole(const char *path, char *why, size_t why_size)
{
    size_t length;
    const char *wrong;
    if (!setting_private(path, why, why_size)) return NULL;
    char *text = file_read(path, USERS_FILE_MAX, &length, &wrong);
    if (!text) why_set(why, why_size, "%s: %s", path, wrong);
    return text;
}

struct users *users_read(const char *path, char *why, size_t why_size)
{
    char *text = read_whole(path, why, why_size), *rest = text, *line;
    if (!text) return NULL;
    struct users *users = memory_zeroed(1, sizeof *users);
    users->decoy = nobody;
    for (unsigned number = 1; users && (line = strsep(&rest, "\n")); number++) {
        const char *wrong = users_take_line(users, line);
        if (wrong) {
            snprintf(why, why_size, "%s:%u: %s", path, number, wrong);
            users_free(users);
            users = NULL;
        }
    }
    free(text);
    return users;
}

bool users_again(const struct users *before, const char *path, struct watched_lost *lost, struct users **fresh,
                 char *why, size_t why_size)
{
    char said[300];
    struct users *now = users_read(path, said, sizeof said);
    *fresh = NULL;
    if (!now) return why_set(why, why_size, "users: %s", said);
    for (const struct user *user = before->first; user; user = user->next) {
        lost->of++;
        lost->gone += !users_find(now, user->name);
    }
    if (watched_counts(lost))
        *fresh = now;
    else
        users_free(now);
    return true;
}

/* Notes the user's login for the check of desks, and checks that the DNs of the user's line exist at the site. */
static void user_telephone_look(const struct gcx_look *look, const struct user *user)
{
    struct gcx_site_name found;
    look->adds(look->self, "login", user->name, "");
    for (unsigned i = 0; i < user->dns.count && look->site(look->self, "dn", 0, &found); i++)
        if (!strchr(user->dns.names[i], '*') && !look_site_has(look, "dn", user->dns.names[i], &found))
            look_tell(look, CHECK_user_dn, "users", LOOK_WORDS(user->name, user->dns.names[i]));
}

/* Checks that a user of the desk who has an agent also has a login by the user's name at the site's T-Server, if the
 * setting `tserver` is set and the site has logins. */
static void user_desk_look(const struct gcx_look *look, const struct user *user)
{
    const char *tserver = look->setting(look->self, "tserver");
    struct gcx_site_name found;
    bool telephone = tserver && *tserver && *user->agent && look->site(look->self, "login", 0, &found);
    if (telephone && !look_site_has(look, "login", user->name, &found))
        look_tell(look, CHECK_user_telephone, "users", LOOK_WORDS(user->name));
}

void users_look(const struct gcx_look *look, const char *path, bool passwords)
{
    char why[512];
    struct gcx_site_name found;
    bool enters = !passwords;
    struct users *users = path && *path && look_site_known(look) ? users_read(path, why, sizeof why) : NULL;
    if (!users) return;
    for (const struct user *user = users->first; user; user = user->next) {
        enters |= *user->hash && user->role != ROLE_monitor;
        if (*user->agent && !look_site_has(look, "agent", user->agent, &found))
            look_tell(look, CHECK_user_agent, "users", LOOK_WORDS(user->name, user->agent));
        (passwords ? user_desk_look : user_telephone_look)(look, user);
    }
    if (!enters) look_tell(look, CHECK_user_password, "users", LOOK_WORDS(""));
    users_free(users);
}

/* --- Questions --- */

const struct user *users_find(const struct users *users, const char *name)
{
    return index_find(&users->by_name, name);
}

const struct user *users_shown(const struct users *users, const struct tls_names *names)
{
    for (unsigned i = 0; i < names->count; i++) {
        const struct user *user = index_find(&users->by_certificate, names->name[i]);
        /* A user whose line names no certificate is found by the CN only. */
        if (user && (user->certificate || i == 0)) return user;
    }
    return NULL;
}

bool user_has_dn(const struct user *user, const char *dn)
{
    for (unsigned i = 0; i < user->dns.count; i++) {
        const char *pattern = user->dns.names[i];
        size_t length = strlen(pattern);
        assert(length > 0); /* the file's reader refuses empty patterns */
        bool open = pattern[length - 1] == '*';
        if (open ? strncmp(pattern, dn, length - 1) == 0 : strcmp(pattern, dn) == 0) return true;
    }
    return false;
}

bool users_share_group(const struct users *users, const struct user *user, const char *agent)
{
    const struct user *other = index_find(&users->by_agent, agent);
    for (unsigned i = 0; other && i < other->groups.count; i++) {
        for (unsigned k = 0; k < user->groups.count; k++)
            if (strcmp(other->groups.names[i], user->groups.names[k]) == 0) return true;
    }
    return false;
}
