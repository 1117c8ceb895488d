package salesforcesim

const systemFields = `
IsDeleted boolean
CreatedDate datetime rd
CreatedById reference rd >User @CreatedBy
LastModifiedDate datetime rd
LastModifiedById reference rd >User @LastModifiedBy
SystemModstamp datetime rd
`

const sources = "Web|Phone Inquiry|Partner Referral|Purchased List|Other"

const industries = "Agriculture|Apparel|Banking|Biotechnology|Chemicals|Communications|Construction|Consulting|Education|Electronics|Energy|Engineering|Entertainment|Environmental|Finance|Food & Beverage|Government|Healthcare|Hospitality|Insurance|Machinery|Manufacturing|Media|Not For Profit|Recreation|Retail|Shipping|Technology|Telecommunications|Transportation|Utilities|Other"

const cleanStatus = "CleanStatus picklist:40 cup =Matched|Different|Acknowledged|NotFound|Inactive|Pending|SelectMatch|Skipped\n"

const leadFields = `
Id id rdl
MasterRecordId reference >Lead
LastName string:80 cur
FirstName string:40 cu
Salutation picklist:40 cu =Mr.|Ms.|Mrs.|Dr.|Prof.
Name string:121 rn
Title string:128 cu
Company string:255 cur
Street textarea:255 cu
City string:40 cu
State string:80 cu
PostalCode string:20 cu
Country string:80 cu
Latitude double:18,15 cu
Longitude double:18,15 cu
GeocodeAccuracy picklist:40 cup =Address|NearAddress|Block|Street|ExtendedZip|Zip|Neighborhood|City|County|State|Unknown
Address address
Phone phone:40 cu
MobilePhone phone:40 cu
Fax phone:40 cu
Email email:80 cul
Website url:255 cu
PhotoUrl url:255
Description textarea:32000 cu
LeadSource picklist:255 cu =` + sources + `
Status picklist:255 curd =Open - Not Contacted|Working - Contacted|Closed - Converted|Closed - Not Converted
Industry picklist:255 cu =` + industries + `
Rating picklist:255 cu =Hot|Warm|Cold
AnnualRevenue currency:18,0 cu
NumberOfEmployees int cu
OwnerId reference curd >Group,User @Owner
HasOptedOutOfEmail boolean cu
DoNotCall boolean cu
HasOptedOutOfFax boolean cu
IsConverted boolean c
ConvertedDate date
ConvertedAccountId reference >Account
ConvertedContactId reference >Contact
ConvertedOpportunityId reference >Opportunity
IsUnreadByOwner boolean cu
LastActivityDate date
LastTransferDate date
LastViewedDate datetime
LastReferencedDate datetime
Jigsaw string:20 cu
JigsawContactId string:20
` + cleanStatus + `
CompanyDunsNumber string:9 cu
DandbCompanyId reference cu >DandBCompany
EmailBouncedReason string:255 u
EmailBouncedDate datetime u
IndividualId reference cu >Individual
`

const contactFields = `
Id id rdl
MasterRecordId reference >Contact
AccountId reference cu >Account
LastName string:80 cur
FirstName string:40 cu
Salutation picklist:40 cu =Mr.|Ms.|Mrs.|Dr.|Prof.
Name string:121 rn
OtherStreet textarea:255 cu
OtherCity string:40 cu
OtherState string:80 cu
OtherPostalCode string:20 cu
OtherCountry string:80 cu
OtherLatitude double:18,15 cu
OtherLongitude double:18,15 cu
OtherGeocodeAccuracy picklist:40 cup =Address|NearAddress|Block|Street|Zip|City|State|Unknown
OtherAddress address
MailingStreet textarea:255 cu
MailingCity string:40 cu
MailingState string:80 cu
MailingPostalCode string:20 cu
MailingCountry string:80 cu
MailingLatitude double:18,15 cu
MailingLongitude double:18,15 cu
MailingGeocodeAccuracy picklist:40 cup =Address|NearAddress|Block|Street|Zip|City|State|Unknown
MailingAddress address
Phone phone:40 cu
Fax phone:40 cu
MobilePhone phone:40 cu
HomePhone phone:40 cu
OtherPhone phone:40 cu
AssistantPhone phone:40 cu
ReportsToId reference cu >Contact
Email email:80 cul
Title string:128 cu
Department string:80 cu
AssistantName string:40 cu
LeadSource picklist:255 cu =` + sources + `
Birthdate date cu
Description textarea:32000 cu
OwnerId reference curd >User @Owner
HasOptedOutOfEmail boolean cu
HasOptedOutOfFax boolean cu
DoNotCall boolean cu
LastActivityDate date
LastCURequestDate datetime
LastCUUpdateDate datetime
LastViewedDate datetime
LastReferencedDate datetime
EmailBouncedReason string:255 cu
EmailBouncedDate datetime cu
IsEmailBounced boolean
PhotoUrl url:255
Jigsaw string:20 cu
JigsawContactId string:20
` + cleanStatus + `
IndividualId reference cu >Individual
`

const accountFields = `
Id id rdl
MasterRecordId reference >Account
Name string:255 curn
Type picklist:40 cu =Prospect|Customer - Direct|Customer - Channel|Channel Partner / Reseller|Installation Partner|Technology Partner|Other
RecordTypeId reference cu >RecordType
ParentId reference cu >Account
BillingStreet textarea:255 cu
BillingCity string:40 cu
BillingState string:80 cu
BillingPostalCode string:20 cu
BillingCountry string:80 cu
BillingLatitude double:18,15 cu
BillingLongitude double:18,15 cu
BillingGeocodeAccuracy picklist:40 cup =Address|NearAddress|Block|Street|Zip|City|State|Unknown
BillingAddress address
ShippingStreet textarea:255 cu
ShippingCity string:40 cu
ShippingState string:80 cu
ShippingPostalCode string:20 cu
ShippingCountry string:80 cu
ShippingLatitude double:18,15 cu
ShippingLongitude double:18,15 cu
ShippingGeocodeAccuracy picklist:40 cup =Address|NearAddress|Block|Street|Zip|City|State|Unknown
ShippingAddress address
Phone phone:40 cu
Fax phone:40 cu
AccountNumber string:40 cu
Website url:255 cu
PhotoUrl url:255
Sic string:20 cu
Industry picklist:255 cu =` + industries + `
AnnualRevenue currency:18,0 cu
NumberOfEmployees int cu
Ownership picklist:255 cu =Public|Private|Subsidiary|Other
TickerSymbol string:20 cu
Description textarea:32000 cu
Rating picklist:255 cu =Hot|Warm|Cold
Site string:80 cu
OwnerId reference curd >User @Owner
LastActivityDate date
LastViewedDate datetime
LastReferencedDate datetime
Jigsaw string:20 cu
JigsawCompanyId string:20
` + cleanStatus + `
AccountSource picklist:255 cu =` + sources + `
DunsNumber string:9 cu
Tradestyle string:255 cu
NaicsCode string:8 cu
NaicsDesc string:120 cu
YearStarted string:4 cu
SicDesc string:80 cu
DandbCompanyId reference cu >DandBCompany
OperatingHoursId reference cu >OperatingHours
`
