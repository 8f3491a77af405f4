"""The facts of the checks that look at the web, and the kinds of subject that they find."""

from __future__ import annotations

from gdpr_audit.checks.stating import BOOLEAN, DATE, INTEGER, LIST, TEXT, specs
from gdpr_audit.model import TARGET, KindSpec

WEB = specs(
    TARGET,
    ("web.https", BOOLEAN, "Whether the page that finally answered came over https."),
    ("web.html", BOOLEAN, "Whether the answer is an HTML page."),
    (
        "web.clear_service",
        BOOLEAN,
        "Whether anything answers over http://: the http target itself, or port 80 beside an "
        "https target on 443.",
    ),
    (
        "web.clear_leads_to_https",
        BOOLEAN,
        "Whether http:// leads, at its first step, to https:// on the same host.",
    ),
    ("web.hsts.present", BOOLEAN, "Whether Strict-Transport-Security comes over https."),
    ("web.hsts.max_age", INTEGER, "Its max-age, in seconds."),
    ("web.hsts.include_subdomains", BOOLEAN, "Whether it holds for subdomains."),
    (
        "web.csp.present",
        BOOLEAN,
        "Whether an enforced Content-Security-Policy comes with the page.",
    ),
    (
        "web.csp.script_sources_open",
        LIST,
        "What lets foreign or inline scripts run: 'unsafe-inline' (without nonce or hash), "
        "'unsafe-eval', *, data:, http:, https:, none-set (no directive governs scripts).",
    ),
    (
        "web.csp.frame_ancestors",
        BOOLEAN,
        "Whether the policy limits who may frame the page (frame-ancestors other than *).",
    ),
    ("web.x_frame_options", TEXT, "X-Frame-Options: DENY, SAMEORIGIN, absent, or invalid."),
    ("web.nosniff", BOOLEAN, "Whether X-Content-Type-Options says nosniff."),
    (
        "web.referrer_policy",
        TEXT,
        "The effective referrer policy; browsers' default where none is set.",
    ),
    (
        "web.software_versions",
        LIST,
        "Software that the headers or the generator tag name with a version.",
    ),
    ("web.software_named", BOOLEAN, "Whether any software is named with its version."),
    (
        "web.software_support_until",
        DATE,
        "The earliest known day on which a vendor ends the support of what is so named.",
    ),
    ("web.basic_auth", BOOLEAN, "Whether WWW-Authenticate asks for Basic."),
    (
        "web.cors.echoes_origin",
        BOOLEAN,
        "Whether an arbitrary Origin is echoed and credentials are allowed.",
    ),
    (
        "web.cors.allows_null",
        BOOLEAN,
        "Whether the origin `null` is allowed, credentials included.",
    ),
    ("web.mixed_content", LIST, "http:// addresses that an https page loads or posts to."),
    (
        "web.unverified_scripts",
        LIST,
        "Scripts and styles of other sites without an integrity attribute.",
    ),
    (
        "web.trackers",
        LIST,
        "Known advertising and audience trackers that a page seen loads from, with company and "
        "country.",
    ),
    (
        "web.personal_data_in_addresses",
        LIST,
        "Fields of forms sent by GET, and of links, that hold personal data.",
    ),
    (
        "web.security_txt",
        BOOLEAN,
        "Whether a valid /.well-known/security.txt is served (RFC 9116).",
    ),
    ("web.collects_data", BOOLEAN, "Whether a page seen has a form that asks for personal data."),
    (
        "web.privacy_notice_linked",
        BOOLEAN,
        "Whether every page seen that collects data links to a privacy notice.",
    ),
)

COOKIE = specs(
    "cookie",
    ("cookie.secure", BOOLEAN, "Whether the cookie has Secure."),
    ("cookie.httponly", BOOLEAN, "Whether the cookie has HttpOnly."),
    ("cookie.samesite", TEXT, "SameSite: Strict, Lax, None, or absent."),
    ("cookie.lifetime_days", INTEGER, "Days until it expires; 0 for a session's."),
    (
        "cookie.session",
        BOOLEAN,
        "Whether it looks like a session's: by its name, or because it is set on a login page "
        "with a random value.",
    ),
)

PAGE = specs(
    "page",
    ("page.sensitive", BOOLEAN, "Whether it is a login page or declared as sensitive."),
    ("page.no_store", BOOLEAN, "Whether caches are told not to store it."),
)

FORM = specs(
    "login_form",
    (
        "form.served_over_https",
        BOOLEAN,
        "Whether the page with the password field came over https.",
    ),
    ("form.submitted_over_https", BOOLEAN, "Whether the password is sent to an https address."),
    ("form.method", TEXT, "GET or POST."),
    ("form.has_maxlength", BOOLEAN, "Whether the password field has a maxlength."),
    ("form.maxlength", INTEGER, "Characters that the password field takes at most."),
    (
        "form.meets_declared_policy",
        BOOLEAN,
        "Whether the field's own limits let a password of the declared policy through: maxlength "
        "not below the declared min_length, minlength (where given) not below it, and a pattern "
        "that such a password can match.",
    ),
)

FACTS = WEB + COOKIE + PAGE
KINDS = (KindSpec("cookie", TARGET), KindSpec("page", TARGET))
FORM_KINDS = (KindSpec("login_form", TARGET),)

OIDC_KIND = KindSpec("oidc_provider", TARGET)
OIDC = specs(
    OIDC_KIND.name,
    ("oidc.issuer", TEXT, "The provider's issuer, as its metadata names it."),
    ("oidc.endpoints_https", BOOLEAN, "Whether its issuer and every endpoint are https."),
    (
        "oidc.issues_id_tokens",
        BOOLEAN,
        "Whether it speaks OpenID Connect, and not OAuth alone.",
    ),
    ("oidc.id_token_algorithms", LIST, "The algorithms that may sign its ID tokens."),
    (
        "oidc.id_token_asymmetric",
        BOOLEAN,
        "Whether one of them is a signature that only the provider can make (not none, not HMAC).",
    ),
    (
        "oidc.grant_types",
        LIST,
        "The grants on offer; authorization_code and implicit where it omits them (RFC 8414).",
    ),
    (
        "oidc.response_types",
        LIST,
        "The response types on offer, the words of each in alphabetical order.",
    ),
    (
        "oidc.pkce_methods",
        LIST,
        "The PKCE methods on offer; none where it omits them (RFC 8414).",
    ),
    ("oidc.pro_sante_connect", BOOLEAN, "Whether it is Pro Santé Connect, production or sandbox."),
)

IDENTITY = specs(
    "audience",
    (
        "audience.pro_sante_connect_seen",
        BOOLEAN,
        "Whether a page of this audience's targets was seen to lead to Pro Santé Connect "
        "(production). False says no more than that none was seen.",
    ),
)

SESSION = specs(
    TARGET,
    (
        "session.seen",
        BOOLEAN,
        "Whether a page seen sets a session cookie that holds an identifier, not a signed token.",
    ),
    ("session.ids_sampled", INTEGER, "Fresh identifiers that were compared."),
    (
        "session.id_bits",
        INTEGER,
        "The most bits that the varying part of an identifier may carry; the smallest of the "
        "cookies seen.",
    ),
    ("session.ids_repeat", BOOLEAN, "Whether two visits were given the same identifier."),
    (
        "session.ids_sequential",
        BOOLEAN,
        "Whether the identifiers rise or fall all along by small steps, as counters and clocks do.",
    ),
)

ACCOUNT = specs(
    TARGET,
    ("login.form_seen", BOOLEAN, "Whether a page seen has a sign-in form."),
    (
        "account.enumerable",
        BOOLEAN,
        "Whether the form answers an unknown account otherwise than the test account, under the "
        "mandate.",
    ),
)
THROTTLING = specs(
    "audience",
    (
        "login.tries_conclusive",
        BOOLEAN,
        "Whether wrong passwords on the test account, under the mandate, showed if tries are held "
        "back. Where not, the declaration stands.",
    ),
    (
        "login.throttled_measured",
        BOOLEAN,
        "Whether up to twelve wrong passwords in a row were slowed, locked or refused.",
    ),
)
