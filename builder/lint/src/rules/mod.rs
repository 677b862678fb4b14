//! The rules, one file each.

mod add_instead_of_copy;
mod apk_allow_untrusted;
mod apk_cache;
mod apk_upgrade;
mod apt_allow_unauthenticated;
mod apt_force_yes;
mod apt_in_script;
mod apt_lists_left;
mod apt_recommends;
mod apt_upgrade;
mod apt_yes;
mod base_not_found;
mod base_platform_mismatch;
mod base_tag_latest;
mod base_tag_outdated;
mod base_vulnerable;
mod base_vulnerable_severe;
mod base_without_digest;
mod base_without_tag;
mod cd_instead_of_workdir;
mod chpasswd;
mod consecutive_run;
mod copy_archive_then_extract;
mod copy_destination_no_slash;
mod copy_from_empty_stage;
mod copy_from_itself;
mod copy_from_unknown;
mod copy_ignored_file;
mod copy_relative_without_workdir;
mod copy_then_chmod;
mod copy_whole_filesystem;
mod copy_without_chown;
mod curl_insecure;
mod description_format;
mod digest;
mod directive_casing;
mod directive_typo;
mod dnf_clean;
mod dnf_update;
mod dnf_yes;
mod docker_socket;
mod edits;
mod empty_continuation;
mod env_self_reference;
mod expose_invalid_format;
mod expose_proto_casing;
mod families;
mod final_newline;
mod forbidden_trigger;
mod from_as_casing;
mod from_platform;
mod from_platform_redundant;
mod git_clone;
mod git_ssl_no_verify;
mod healthcheck_missing;
mod inline_ignore;
mod instruction_order;
mod invalid_base_reference;
mod invalid_default_base;
mod invalid_port_protocol;
mod invalid_signal;
mod invalid_substitution;
mod json_single_quotes;
mod keyword_casing;
mod label_duplicate;
mod label_empty;
mod label_guess;
mod label_key_format;
mod label_missing;
mod label_not_email;
mod label_not_git_hash;
mod label_not_license;
mod label_not_semver;
mod label_not_time;
mod label_not_url;
mod label_superfluous;
mod labels;
mod last_user_root;
mod legacy_key_value;
mod maintainer_deprecated;
mod multiple_cmd;
mod multiple_entrypoint;
mod multiple_healthcheck;
mod node_tls_reject;
mod npm_strict_ssl;
mod npm_strict_ssl_variable;
mod package_cache_mount;
mod package_index_alone;
mod packages_unsorted;
mod pin_apk;
mod pin_apt;
mod pin_dnf;
mod pin_gem;
mod pin_go;
mod pin_npm;
mod pin_pip;
mod pin_yum;
mod pin_zypper;
mod pip_cache;
mod pip_trusted_host;
mod pip_trusted_host_variable;
mod pipefail_missing;
mod pointless_command;
mod port_22;
mod port_out_of_range;
mod python_https_verify;
mod registry_not_allowed;
mod repair;
mod rpm;
mod rpm_no_gpg_check;
mod rpm_no_signature;
mod run_in_scratch;
mod secret_in_variable;
mod shared;
mod shell_by_link;
mod shell_form_command;
mod stage_name_casing;
mod stage_name_duplicate;
mod stage_name_reserved;
mod stage_rename;
mod stopsignal_kill;
mod stopsignal_spelling;
mod sudo;
mod syntax;
mod syntax_error;
mod trailing_whitespace;
mod undeclared_argument_in_from;
mod undefined_variable;
mod unreachable_stage;
mod user_missing;
mod user_never_used;
mod user_not_numeric;
mod useradd_high_uid;
mod wget_and_curl;
mod wget_no_check_certificate;
mod wget_progress;
mod workdir_relative;
mod workdir_system_directory;
mod yarn_cache;
mod yum_clean;
mod yum_sslverify;
mod yum_update;
mod yum_yes;
mod zypper_clean;
mod zypper_dist_upgrade;
mod zypper_update;
mod zypper_yes;

use crate::rule::Rule;

/// Every rule in the order of names; those that repeat the parser's remarks come last.
const RULES: &[&Rule] = &[
    &add_instead_of_copy::RULE,
    &apk_allow_untrusted::RULE,
    &apk_cache::RULE,
    &apk_upgrade::RULE,
    &apt_allow_unauthenticated::RULE,
    &apt_force_yes::RULE,
    &apt_in_script::RULE,
    &apt_lists_left::RULE,
    &apt_recommends::RULE,
    &apt_upgrade::RULE,
    &apt_yes::RULE,
    &base_not_found::RULE,
    &base_platform_mismatch::RULE,
    &base_tag_latest::RULE,
    &base_tag_outdated::RULE,
    &base_vulnerable::RULE,
    &base_vulnerable_severe::RULE,
    &base_without_digest::RULE,
    &base_without_tag::RULE,
    &cd_instead_of_workdir::RULE,
    &chpasswd::RULE,
    &consecutive_run::RULE,
    &copy_archive_then_extract::RULE,
    &copy_destination_no_slash::RULE,
    &copy_from_empty_stage::RULE,
    &copy_from_itself::RULE,
    &copy_from_unknown::RULE,
    &copy_ignored_file::RULE,
    &copy_relative_without_workdir::RULE,
    &copy_then_chmod::RULE,
    &copy_whole_filesystem::RULE,
    &copy_without_chown::RULE,
    &curl_insecure::RULE,
    &description_format::RULE,
    &directive_casing::RULE,
    &directive_typo::RULE,
    &dnf_clean::RULE,
    &dnf_update::RULE,
    &dnf_yes::RULE,
    &docker_socket::RULE,
    &empty_continuation::RULE,
    &env_self_reference::RULE,
    &expose_invalid_format::RULE,
    &expose_proto_casing::RULE,
    &final_newline::RULE,
    &forbidden_trigger::RULE,
    &from_as_casing::RULE,
    &from_platform::RULE,
    &from_platform_redundant::RULE,
    &git_clone::RULE,
    &git_ssl_no_verify::RULE,
    &healthcheck_missing::RULE,
    &inline_ignore::RULE,
    &instruction_order::RULE,
    &invalid_base_reference::RULE,
    &invalid_default_base::RULE,
    &invalid_port_protocol::RULE,
    &invalid_signal::RULE,
    &invalid_substitution::RULE,
    &json_single_quotes::RULE,
    &keyword_casing::RULE,
    &label_duplicate::RULE,
    &label_empty::RULE,
    &label_key_format::RULE,
    &label_missing::RULE,
    &label_not_email::RULE,
    &label_not_git_hash::RULE,
    &label_not_license::RULE,
    &label_not_semver::RULE,
    &label_not_time::RULE,
    &label_not_url::RULE,
    &label_superfluous::RULE,
    &last_user_root::RULE,
    &legacy_key_value::RULE,
    &maintainer_deprecated::RULE,
    &multiple_cmd::RULE,
    &multiple_entrypoint::RULE,
    &multiple_healthcheck::RULE,
    &node_tls_reject::RULE,
    &npm_strict_ssl::RULE,
    &npm_strict_ssl_variable::RULE,
    &package_cache_mount::RULE,
    &package_index_alone::RULE,
    &packages_unsorted::RULE,
    &pin_apk::RULE,
    &pin_apt::RULE,
    &pin_dnf::RULE,
    &pin_gem::RULE,
    &pin_go::RULE,
    &pin_npm::RULE,
    &pin_pip::RULE,
    &pin_yum::RULE,
    &pin_zypper::RULE,
    &pip_cache::RULE,
    &pip_trusted_host::RULE,
    &pip_trusted_host_variable::RULE,
    &pipefail_missing::RULE,
    &pointless_command::RULE,
    &port_22::RULE,
    &port_out_of_range::RULE,
    &python_https_verify::RULE,
    &registry_not_allowed::RULE,
    &rpm_no_gpg_check::RULE,
    &rpm_no_signature::RULE,
    &run_in_scratch::RULE,
    &secret_in_variable::RULE,
    &shell_by_link::RULE,
    &shell_form_command::RULE,
    &stage_name_casing::RULE,
    &stage_name_duplicate::RULE,
    &stage_name_reserved::RULE,
    &stopsignal_kill::RULE,
    &stopsignal_spelling::RULE,
    &sudo::RULE,
    &syntax_error::RULE,
    &trailing_whitespace::RULE,
    &undeclared_argument_in_from::RULE,
    &undefined_variable::RULE,
    &unreachable_stage::RULE,
    &user_missing::RULE,
    &user_never_used::RULE,
    &user_not_numeric::RULE,
    &useradd_high_uid::RULE,
    &wget_and_curl::RULE,
    &wget_no_check_certificate::RULE,
    &wget_progress::RULE,
    &workdir_relative::RULE,
    &workdir_system_directory::RULE,
    &yarn_cache::RULE,
    &yum_clean::RULE,
    &yum_sslverify::RULE,
    &yum_update::RULE,
    &yum_yes::RULE,
    &zypper_clean::RULE,
    &zypper_dist_upgrade::RULE,
    &zypper_update::RULE,
    &zypper_yes::RULE,
];

/// Returns every rule.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().chain(syntax::RULES.iter().copied())
}

/// Returns the first rule that is known by a name, its own or one that another tool has for it.
pub fn find(name: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.is_called(name))
}
