//! Where people reach the server, and which proxies stand before it.

use std::net::IpAddr;

/// The address of the site as people type it, and the proxies whose word about senders is taken.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Site {
    /// Address under which people reach this server, for links and secure cookies, e.g. https://attain.example.com
    #[arg(long = "address", env = "ATTAIN_ADDRESS", value_name = "URL", value_parser = read_address)]
    address: Option<String>,
    /// Address of a proxy whose X-Forwarded-For is believed; may be repeated
    #[arg(long = "trusted-proxy", env = "ATTAIN_TRUSTED_PROXY", value_name = "IP", value_delimiter = ',')]
    trusted_proxies: Vec<IpAddr>,
}

impl Site {
    /// Whether people reach it by TLS, so that cookies may be kept to that.
    pub(crate) fn is_secure(&self) -> bool {
        self.address.as_ref().is_some_and(|address| address.starts_with("https://"))
    }

    /// A link for somebody elsewhere; without an address of the site, the part that follows it.
    pub(crate) fn link(&self, path: &str) -> String {
        format!("{}{path}", self.address.as_deref().unwrap_or_default())
    }

    /// Whether an address is that of a trusted proxy.
    pub(super) fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted_proxies.contains(&peer)
    }
}

fn read_address(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = host.map(|host| host.trim_end_matches('/')).filter(|host| !host.is_empty());
    match host {
        Some(host) if !host.contains(['/', '?', '#', '@', ' ']) => Ok(text.trim_end_matches('/').to_owned()),
        _ => Err("write it as https://attain.example.com, without a path".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_scheme_and_a_host() {
        assert_eq!(read_address("https://attain.example.com/").as_deref(), Ok("https://attain.example.com"));
        assert_eq!(read_address("http://10.0.0.5:8080").as_deref(), Ok("http://10.0.0.5:8080"));
        for wrong in
            ["attain.example.com", "https://", "ftp://attain.example.com", "https://a@b", "https://a/b"]
        {
            assert!(read_address(wrong).is_err(), "{wrong}");
        }
    }
}
