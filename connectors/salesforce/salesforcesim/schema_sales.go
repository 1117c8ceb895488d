package salesforcesim

const stages = "Prospecting|Qualification|Needs Analysis|Value Proposition|Id. Decision Makers|Perception Analysis|Proposal/Price Quote|Negotiation/Review|Closed Won|Closed Lost"

const opportunityFields = `
Id id rdl
AccountId reference cu >Account
RecordTypeId reference cu >RecordType
IsPrivate boolean cu
Name string:120 curln
Description textarea:32000 cu
StageName picklist:255 cur =` + stages + `
Amount currency:18,2 cu
Probability percent:3,0 cud
ExpectedRevenue currency:18,2
TotalOpportunityQuantity double:18,2 cu
CloseDate date cur
Type picklist:255 cu =Existing Customer - Upgrade|Existing Customer - Replacement|Existing Customer - Downgrade|New Customer
NextStep string:255 cu
LeadSource picklist:255 cu =` + sources + `
IsClosed boolean
IsWon boolean
ForecastCategory picklist:40 rd =Omitted|Pipeline|BestCase|MostLikely|Forecast|Closed
ForecastCategoryName picklist:255 cudp =Omitted|Pipeline|Best Case|Commit|Closed
CampaignId reference cu >Campaign
HasOpportunityLineItem boolean
Pricebook2Id reference cud >Pricebook2
OwnerId reference curd >User @Owner
LastActivityDate date
LastStageChangeDate datetime
FiscalQuarter int
FiscalYear int
Fiscal string:6
ContactId reference c >Contact
LastViewedDate datetime
LastReferencedDate datetime
HasOpenActivity boolean
HasOverdueTask boolean
`

const contactRoleFields = `
Id id rdl
OpportunityId reference cr >Opportunity
ContactId reference cur >Contact
Role picklist:40 cu =Business User|Decision Maker|Economic Buyer|Economic Decision Maker|Evaluator|Executive Sponsor|Influencer|Technical Buyer|Other
IsPrimary boolean cu
`

const campaignFields = `
Id id rdl
Name string:80 curn
ParentId reference cu >Campaign
Type picklist:40 cu =Conference|Webinar|Trade Show|Public Relations|Partners|Referral Program|Advertisement|Banner Ads|Direct Mail|Email|Telemarketing|Other
Status picklist:40 cud =Planned|In Progress|Completed|Aborted
StartDate date cu
EndDate date cu
ExpectedRevenue currency:18,0 cu
BudgetedCost currency:18,0 cu
ActualCost currency:18,0 cu
ExpectedResponse percent:8,2 cu
NumberSent double:18,0 cu
IsActive boolean cu
Description textarea:32000 cu
NumberOfLeads int
NumberOfConvertedLeads int
NumberOfContacts int
NumberOfResponses int
NumberOfOpportunities int
NumberOfWonOpportunities int
AmountAllOpportunities currency:18,0
AmountWonOpportunities currency:18,0
OwnerId reference curd >User @Owner
LastActivityDate date
LastViewedDate datetime
LastReferencedDate datetime
CampaignMemberRecordTypeId reference cu >RecordType
`

const campaignMemberFields = `
Id id rdl
CampaignId reference cr >Campaign
LeadId reference c >Lead
ContactId reference c >Contact
Status picklist:40 cud =Planned|Received|Sent|Responded
HasResponded boolean
FirstRespondedDate date
Name string:255 n
FirstName string:40
LastName string:80
Email email:80
Phone phone:40
CompanyOrAccount string:255
LeadSource picklist:40 =` + sources + `
Type string:40
LeadOrContactId reference >Contact,Lead
LeadOrContactOwnerId reference >Group,User
`

const taskFields = `
Id id rdl
WhoId reference cu >Contact,Lead
WhatId reference cu >Account,Opportunity,Campaign
Subject combobox:255 cu =Call|Email|Send Letter|Send Quote|Other
ActivityDate date cu
Status picklist:255 curd =Not Started|In Progress|Completed|Waiting on someone else|Deferred
Priority picklist:255 curd =High|Normal|Low
IsHighPriority boolean
OwnerId reference curd >Group,User @Owner
Description textarea:32000 cu
Type picklist:40 cu =Call|Meeting|Other|Email
AccountId reference >Account
IsClosed boolean
IsArchived boolean
CallDurationInSeconds int cu
CallType picklist:40 cu =Internal|Inbound|Outbound
CallDisposition string:255 cu
CallObject string:255 cu
ReminderDateTime datetime cu
IsReminderSet boolean cu
IsRecurrence boolean c
TaskSubtype picklist:40 cdp =Task|Email|ListEmail|Cadence|Call|LinkedIn
CompletedDateTime datetime
`

const eventFields = `
Id id rdl
WhoId reference cu >Contact,Lead
WhatId reference cu >Account,Opportunity,Campaign
Subject combobox:255 cu =Call|Email|Meeting|Send Letter/Quote|Other
Location string:255 cu
IsAllDayEvent boolean cu
ActivityDateTime datetime cu
ActivityDate date cu
DurationInMinutes int cu
StartDateTime datetime cu
EndDateTime datetime cu
EndDate date
Description textarea:32000 cu
AccountId reference >Account
OwnerId reference curd >User @Owner
Type picklist:40 cu =Email|Meeting|Other|Call
IsPrivate boolean cu
ShowAs picklist:40 cudp =Busy|OutOfOffice|Free
IsChild boolean
IsGroupEvent boolean
GroupEventType picklist:40 d =0|1|2|3
IsArchived boolean
RecurrenceActivityId reference >Event
IsRecurrence boolean c
ReminderDateTime datetime cu
IsReminderSet boolean cu
EventSubtype picklist:40 cd =Event
`
