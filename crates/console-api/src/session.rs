//! Signing in, who one is, and what one prefers.

use incident::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Either user name and password, or a one-time login token.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum SignIn {
    Password(PasswordSignIn),
    Token(TokenSignIn),
}

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordSignIn {
    pub username: String,
    pub password: String,
}

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenSignIn {
    pub token: String,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Me {
    pub username: String,
    pub role: Role,
    pub preferences: Preferences,
    /// Send as `X-CSRF-Token` with every request that changes something.
    pub csrf: String,
    pub expires: Time,
    /// True until a password has been set: only one-time logins work so far.
    pub needs_password: bool,
}

/// From the least to the most that one may do; each includes the ones before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees everything but changes nothing.
    Viewer,
    /// Works on incidents, hunts, responds.
    Analyst,
    /// Also users, enrolment, revocation.
    Admin,
}

impl Role {
    pub const fn name(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Analyst => "analyst",
            Role::Admin => "admin",
        }
    }
    pub fn from_name(name: &str) -> Option<Role> {
        [Role::Viewer, Role::Analyst, Role::Admin].into_iter().find(|role| role.name() == name)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Preferences {
    pub language: Language,
    pub theme: Theme,
    pub density: Density,
}

/// `auto` follows the browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    #[default]
    Auto,
    En,
    Ja,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    #[default]
    Auto,
    Light,
    Dark,
}

/// Rows of 32 or 24 pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Density {
    #[default]
    Comfortable,
    Compact,
}

/// Only what is given is changed.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeUpdate {
    #[serde(default)]
    pub language: Option<Language>,
    #[serde(default)]
    pub theme: Option<Theme>,
    #[serde(default)]
    pub density: Option<Density>,
    #[serde(default)]
    pub password: Option<PasswordChange>,
}

/// `current` may be left out where no password is set yet.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    #[serde(default)]
    pub current: Option<String>,
    /// Twelve characters at least.
    pub new: String,
}
