/* runtime/adapters/email/robot.c - Did a machine write the mail? Answers of machines to machines would never end
 * (RFC 3834).
 *
 * Several signs may apply to a mail: the first that applies in robot_read() is the one that is reported. A machine's
 * mail is kept like any other; only automatic answers to it are not sent. Example: "Auto-Submitted: auto-replied" is
 * a machine's mail, "Auto-Submitted: no" is not (RFC 3834, section 5). */
#include <assert.h>
#include <string.h>

#include "runtime/adapters/email/mime_internal.h"
#include "runtime/vocabulary/denied.h"

static const char *const names[] = {
#define R(name, doc) #name,
    MAIL_ROBOTS(R)
#undef R
};

const char *mail_robot_name(enum mail_robot robot)
{
    assert(robot < G_N_ELEMENTS(names));
    return names[robot];
}

/* Returns a header's first word; NULL: there is no such header. Freed by g_free(). */
static char *robot_header_word(GMimeMessage *message, const char *header)
{
    const char *value = g_mime_object_get_header(GMIME_OBJECT(message), header);
    if (!value) return NULL;
    value += strspn(value, " \t\r\n");
    return g_ascii_strdown(value, (gssize)strcspn(value, " \t\r\n;,("));
}

static bool robot_has_header(GMimeMessage *message, const char *header)
{
    return g_mime_object_get_header(GMIME_OBJECT(message), header) != NULL;
}

/* Has the header one of the words? `words` is a list with single blanks between them. A whole word must be equal:
 * "list" is found in "bulk list", but not in "bulk playlist". */
static bool word_in(GMimeMessage *message, const char *header, const char *words)
{
    char *said = robot_header_word(message, header);
    char *found = said && *said ? strstr(words, said) : NULL;
    size_t length = found ? strlen(said) : 0;
    bool in = found && (found == words || found[-1] == ' ') && (found[length] == ' ' || found[length] == 0);
    g_free(said);
    return in;
}

static bool auto_submitted(GMimeMessage *message)
{
    char *said = robot_header_word(message, "Auto-Submitted");
    bool is = said && strcmp(said, "no") != 0;
    g_free(said);
    return is;
}

/* Is the sender empty? The envelope's sender is used if it is known. If the envelope's sender is unknown, the header
 * counts in which the mail server has noted it: "Return-Path: <>" is a bounce. */
static bool null_sender(GMimeMessage *message, const char *sender)
{
    if (sender) return !*sender;
    const char *path = g_mime_object_get_header(GMIME_OBJECT(message), "Return-Path");
    return path && strstr(path, "<>");
}

/* Is it a mailing list's? List-Unsubscribe alone counts too, though shops also write it in mails to one person. */
static bool robot_is_list(GMimeMessage *message)
{
    return robot_has_header(message, "List-Id") || robot_has_header(message, "List-Post") ||
           robot_has_header(message, "List-Unsubscribe") || robot_has_header(message, "List-Help");
}

/* Does the mail ask for no automatic answers? Our own answer would get an out-of-office reply. */
static bool robot_suppressed(GMimeMessage *message)
{
    const char *said = g_mime_object_get_header(GMIME_OBJECT(message), "X-Auto-Response-Suppress");
    return (said && g_ascii_strncasecmp(said, "none", 4) != 0) || robot_has_header(message, "X-Autoreply") ||
           robot_has_header(message, "X-Autorespond") || robot_has_header(message, "X-Loop");
}

static bool robot_mailer(const char *address)
{
    return address && denied_is_mailer(span_of(address));
}

void robot_read(struct mail *mail, GMimeMessage *message, const struct mail_setting *setting)
{
    const char *answer_to = mail->reply_to ? mail->reply_to : mail->from;
    bool own = setting->own && mail->from && setting->own(setting->self, mail->from) && !mail->for_other;
    mail->robot = mail->report.is                                               ? MAIL_ROBOT_report
                  : null_sender(message, setting->sender)                       ? MAIL_ROBOT_null_sender
                  : auto_submitted(message)                                     ? MAIL_ROBOT_auto_submitted
                  : own                                                         ? MAIL_ROBOT_own_address
                  : robot_is_list(message)                                      ? MAIL_ROBOT_list
                  : word_in(message, "Precedence", "bulk junk list auto_reply") ? MAIL_ROBOT_precedence
                  : robot_suppressed(message)                                   ? MAIL_ROBOT_suppressed
                  : robot_mailer(mail->from) || robot_mailer(answer_to) || robot_mailer(setting->sender)
                      ? MAIL_ROBOT_mailer
                      : MAIL_ROBOT_none;
}
