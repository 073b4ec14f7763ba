#include "Templates.h"
#include <string.h>
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char status[] = {
#embed "../../Sources/Console/Templates/status.mustache"
};
static const unsigned char frame[] = {
#embed "../../Sources/Console/Templates/frame.mustache"
};
static const unsigned char sign_in[] = {
#embed "../../Sources/Console/Templates/sign-in.mustache"
};
static const unsigned char code[] = {
#embed "../../Sources/Console/Templates/code.mustache"
};
static const unsigned char confirm[] = {
#embed "../../Sources/Console/Templates/confirm.mustache"
};
static const unsigned char set_up[] = {
#embed "../../Sources/Console/Templates/set-up.mustache"
};
static const unsigned char invitation[] = {
#embed "../../Sources/Console/Templates/invitation.mustache"
};
static const unsigned char problem[] = {
#embed "../../Sources/Console/Templates/problem.mustache"
};
static const unsigned char overview[] = {
#embed "../../Sources/Console/Templates/overview.mustache"
};
static const unsigned char requests[] = {
#embed "../../Sources/Console/Templates/requests.mustache"
};
static const unsigned char request_row[] = {
#embed "../../Sources/Console/Templates/request-row.mustache"
};
static const unsigned char explore[] = {
#embed "../../Sources/Console/Templates/explore.mustache"
};
static const unsigned char chart[] = {
#embed "../../Sources/Console/Templates/chart.mustache"
};
static const unsigned char keys[] = {
#embed "../../Sources/Console/Templates/keys.mustache"
};
static const unsigned char key_made[] = {
#embed "../../Sources/Console/Templates/key-made.mustache"
};
static const unsigned char provider_keys[] = {
#embed "../../Sources/Console/Templates/provider-keys.mustache"
};
static const unsigned char models[] = {
#embed "../../Sources/Console/Templates/models.mustache"
};
static const unsigned char playground[] = {
#embed "../../Sources/Console/Templates/playground.mustache"
};
static const unsigned char budgets[] = {
#embed "../../Sources/Console/Templates/budgets.mustache"
};
static const unsigned char credit[] = {
#embed "../../Sources/Console/Templates/credit.mustache"
};
static const unsigned char team[] = {
#embed "../../Sources/Console/Templates/team.mustache"
};
static const unsigned char audit_log[] = {
#embed "../../Sources/Console/Templates/audit-log.mustache"
};
static const unsigned char privacy[] = {
#embed "../../Sources/Console/Templates/privacy.mustache"
};
static const unsigned char settings[] = {
#embed "../../Sources/Console/Templates/settings.mustache"
};
static const unsigned char recovery[] = {
#embed "../../Sources/Console/Templates/recovery.mustache"
};
static const unsigned char agree[] = {
#embed "../../Sources/Console/Templates/agree.mustache"
};
static const unsigned char mail[] = {
#embed "../../Sources/Console/Templates/mail.mustache"
};
static const unsigned char docs[] = {
#embed "../../Sources/Console/Templates/docs.mustache"
};
static const unsigned char installation[] = {
#embed "../../Sources/Console/Templates/installation.mustache"
};
static const unsigned char organisations[] = {
#embed "../../Sources/Console/Templates/organisations.mustache"
};
static const unsigned char rights_requests[] = {
#embed "../../Sources/Console/Templates/rights-requests.mustache"
};
static const unsigned char passkey[] = {
#embed "../../Sources/Console/Templates/passkey.mustache"
};
static const unsigned char passkey_form[] = {
#embed "../../Sources/Console/Templates/passkey-form.mustache"
};
static const unsigned char side[] = {
#embed "../../Sources/Console/Templates/side.mustache"
};
static const unsigned char visits[] = {
#embed "../../Sources/Console/Templates/visits.mustache"
};
static const unsigned char style_css[] = {
#embed "../../Sources/Console/Templates/style.css"
};
static const unsigned char icon_svg[] = {
#embed "../../Sources/Console/Templates/icon.svg"
};
static const unsigned char console_js[] = {
#embed "../../Sources/Console/Scripts/console.js"
};
static const unsigned char playground_js[] = {
#embed "../../Sources/Console/Scripts/playground.js"
};
static const unsigned char passkey_js[] = {
#embed "../../Sources/Console/Scripts/passkey.js"
};
static const unsigned char theme_js[] = {
#embed "../../Sources/Console/Scripts/theme.js"
};

static const struct {
    const char *name;
    const unsigned char *bytes;
    size_t count;
} files[] = {
    {"status", status, sizeof status},
    {"frame", frame, sizeof frame},
    {"sign-in", sign_in, sizeof sign_in},
    {"code", code, sizeof code},
    {"confirm", confirm, sizeof confirm},
    {"set-up", set_up, sizeof set_up},
    {"invitation", invitation, sizeof invitation},
    {"problem", problem, sizeof problem},
    {"overview", overview, sizeof overview},
    {"requests", requests, sizeof requests},
    {"request-row", request_row, sizeof request_row},
    {"explore", explore, sizeof explore},
    {"chart", chart, sizeof chart},
    {"keys", keys, sizeof keys},
    {"key-made", key_made, sizeof key_made},
    {"provider-keys", provider_keys, sizeof provider_keys},
    {"models", models, sizeof models},
    {"playground", playground, sizeof playground},
    {"budgets", budgets, sizeof budgets},
    {"credit", credit, sizeof credit},
    {"team", team, sizeof team},
    {"audit-log", audit_log, sizeof audit_log},
    {"privacy", privacy, sizeof privacy},
    {"settings", settings, sizeof settings},
    {"recovery", recovery, sizeof recovery},
    {"agree", agree, sizeof agree},
    {"mail", mail, sizeof mail},
    {"docs", docs, sizeof docs},
    {"installation", installation, sizeof installation},
    {"organisations", organisations, sizeof organisations},
    {"rights-requests", rights_requests, sizeof rights_requests},
    {"passkey", passkey, sizeof passkey},
    {"passkey-form", passkey_form, sizeof passkey_form},
    {"side", side, sizeof side},
    {"visits", visits, sizeof visits},
    {"style.css", style_css, sizeof style_css},
    {"icon.svg", icon_svg, sizeof icon_svg},
    {"console.js", console_js, sizeof console_js},
    {"playground.js", playground_js, sizeof playground_js},
    {"passkey.js", passkey_js, sizeof passkey_js},
    {"theme.js", theme_js, sizeof theme_js},
};

const unsigned char *tacet_template(const char *name, size_t *count) {
    for (size_t index = 0; index < sizeof files / sizeof *files; index++) {
        if (strcmp(files[index].name, name) == 0) {
            *count = files[index].count;
            return files[index].bytes;
        }
    }
    *count = 0;
    return (const unsigned char *)"";
}
