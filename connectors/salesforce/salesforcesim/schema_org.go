package salesforcesim

const userFields = `
Id id rdl
Username string:80 curlq
LastName string:80 cur
FirstName string:40 cu
Name string:121 rn
CompanyName string:80 cu
Title string:80 cu
Department string:80 cu
Email email:128 curl
Phone phone:40 cu
MobilePhone phone:40 cu
Alias string:8 cur
CommunityNickname string:40 cud
IsActive boolean cu
TimeZoneSidKey picklist:40 curd =UTC|Europe/Berlin|America/Los_Angeles
LocaleSidKey picklist:40 curd =en_US|de_DE
EmailEncodingKey picklist:40 curd =UTF-8
LanguageLocaleKey picklist:40 curd =en_US|de
UserType picklist:40 d =Standard|AutomatedProcess|CloudIntegrationUser
UserRoleId reference cu >UserRole
ProfileId reference curd >Profile
ManagerId reference cu >User
FederationIdentifier string:512 cu
EmployeeNumber string:20 cu
LastLoginDate datetime
`

const groupFields = `
Id id rdl
Name string:40 curn
DeveloperName string:80 cu
RelatedId reference >User
Type picklist:40 crd =Regular|Role|RoleAndSubordinates|Organization|Queue
Email email:255 cu
OwnerId reference >Organization,User @Owner
DoesSendEmailToMembers boolean cu
DoesIncludeBosses boolean cu
`

const opportunityHistoryFields = `
Id id rdl
OpportunityId reference r >Opportunity
StageName picklist:255 =` + stages + `
Amount currency:18,2
ExpectedRevenue currency:18,2
CloseDate date
Probability percent:3,0
ForecastCategory picklist:40 =Omitted|Pipeline|BestCase|MostLikely|Forecast|Closed
PrevAmount currency:18,2
PrevCloseDate date
FromForecastCategory picklist:40 =Omitted|Pipeline|BestCase|MostLikely|Forecast|Closed
FromOpportunityStageName string:255
CreatedById reference rd >User @CreatedBy
CreatedDate datetime rd
SystemModstamp datetime rd
IsDeleted boolean
`

// historyTail follows the parent's id in every field history object.
const historyTail = `
Field picklist:255 r
DataType picklist:40
OldValue string:255
NewValue string:255
CreatedById reference rd >User @CreatedBy
CreatedDate datetime rd
IsDeleted boolean
`

const stageFields = `
Id id rdl
MasterLabel string:255 n
ApiName string:255 u
IsActive boolean
SortOrder int
IsClosed boolean
IsWon boolean
ForecastCategory picklist:40 =Omitted|Pipeline|BestCase|MostLikely|Forecast|Closed
ForecastCategoryName picklist:255 =Omitted|Pipeline|Best Case|Commit|Closed
DefaultProbability percent:3,0
Description string:255
CreatedById reference rd >User @CreatedBy
CreatedDate datetime rd
LastModifiedById reference rd >User @LastModifiedBy
LastModifiedDate datetime rd
SystemModstamp datetime rd
`

const leadStatusFields = `
Id id rdl
MasterLabel string:255 n
ApiName string:255 u
SortOrder int
IsDefault boolean
IsConverted boolean
CreatedById reference rd >User @CreatedBy
CreatedDate datetime rd
LastModifiedById reference rd >User @LastModifiedBy
LastModifiedDate datetime rd
SystemModstamp datetime rd
`

const recordTypeFields = `
Id id rdl
Name string:80 curn
DeveloperName string:80 cur
NamespacePrefix string:15
Description string:255 cu
SobjectType picklist:40 cr =Account|Opportunity
IsActive boolean cu
IsPersonType boolean
CreatedById reference rd >User @CreatedBy
CreatedDate datetime rd
LastModifiedById reference rd >User @LastModifiedBy
LastModifiedDate datetime rd
SystemModstamp datetime rd
`

const organizationFields = `
Id id rdl
Name string:80 urn
Division string:80 u
Street textarea:255 u
City string:40 u
State string:80 u
PostalCode string:20 u
Country string:80 u
Address address
Phone phone:40 u
PrimaryContact string:80 u
DefaultLocaleSidKey picklist:40 u =en_US|de_DE
TimeZoneSidKey picklist:40 u =UTC|America/Los_Angeles
LanguageLocaleKey picklist:40 u =en_US
FiscalYearStartMonth int
OrganizationType picklist:40 =Developer Edition|Enterprise Edition
NamespacePrefix string:15
InstanceName string:5
IsSandbox boolean
TrialExpirationDate datetime
CreatedDate datetime rd
CreatedById reference rd >User @CreatedBy
LastModifiedDate datetime rd
LastModifiedById reference rd >User @LastModifiedBy
SystemModstamp datetime rd
`

// customFieldFields is the one object of the tooling API.
const customFieldFields = `
Id id rdl
DeveloperName string:80 n
FullName string:255
TableEnumOrId string:80
NamespacePrefix string:15
Length int
CreatedDate datetime rd
CreatedById reference rd >User @CreatedBy
LastModifiedDate datetime rd
LastModifiedById reference rd >User @LastModifiedBy
SystemModstamp datetime rd
`
