package sandbox

// Credentials are what lets a client into both twins. They marshal to the line
// that `tandem sandbox --json` prints.
type Credentials struct {
	HubSpot    HubSpotCredentials    `json:"hubspot"`
	Salesforce SalesforceCredentials `json:"salesforce"`
}

// HubSpotCredentials let a client into the simulated HubSpot.
type HubSpotCredentials struct {
	URL          string `json:"url"`
	AccessToken  string `json:"access_token"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	RefreshToken string `json:"refresh_token"`
}

// SalesforceCredentials let a client into the simulated Salesforce.
type SalesforceCredentials struct {
	URL            string `json:"url"`
	ClientID       string `json:"client_id"`
	ClientSecret   string `json:"client_secret"`
	RefreshToken   string `json:"refresh_token"`
	Username       string `json:"username"`
	Password       string `json:"password"`
	PrivateKeyFile string `json:"private_key_file"`
}

// Credentials returns what lets a client in. The private key lies in a
// temporary folder that Close removes.
func (s *Sandbox) Credentials() Credentials {
	hub := s.hub.Credentials()
	return Credentials{
		HubSpot: HubSpotCredentials{
			URL: s.hub.URL(), AccessToken: hub.AccessToken,
			ClientID: hub.ClientID, ClientSecret: hub.ClientSecret, RefreshToken: hub.RefreshToken,
		},
		Salesforce: SalesforceCredentials{
			URL: s.sales.URL(), ClientID: s.sales.ClientID, ClientSecret: s.sales.ClientSecret, RefreshToken: s.sales.RefreshToken,
			Username: s.sales.Username, Password: s.sales.Password, PrivateKeyFile: s.keyFile(),
		},
	}
}
