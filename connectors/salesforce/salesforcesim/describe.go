package salesforcesim

import (
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"
)

func (t *Twin) lastChanged(o *object) time.Time {
	return time.UnixMilli(max(o.changed, t.born.UnixMilli())).UTC()
}

// fresh reports whether the caller has what has not changed since.
func fresh(c *call, changed time.Time) bool {
	at, err := http.ParseTime(c.header.Get("If-Modified-Since"))
	return err == nil && !changed.After(at)
}

func (t *Twin) describeGlobal(c *call) reply {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var list []map[string]any
	changed := t.born
	for _, o := range t.order {
		if t.visible(o) {
			list = append(list, t.summary(c, o))
			if at := t.lastChanged(o); at.After(changed) {
				changed = at
			}
		}
	}
	if fresh(c, changed) {
		return reply{status: http.StatusNotModified}
	}
	r := jsonReply(http.StatusOK, map[string]any{"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": list})
	r.header = map[string]string{"Last-Modified": changed.Format(http.TimeFormat)}
	return r
}

// summary is what every description of an object holds.
func (t *Twin) summary(c *call, o *object) map[string]any {
	base := "/services/data/" + c.version + "/sobjects/" + o.name
	return map[string]any{
		"activateable": false, "associateEntityType": nil, "associateParentEntity": nil, "createable": o.create, "custom": o.custom, "customSetting": false,
		"deepCloneable": false, "deletable": o.remove, "deprecatedAndHidden": false, "feedEnabled": o.merge, "hasSubtypes": false, "isInterface": false,
		"isSubtype": false, "keyPrefix": o.prefix, "label": o.label, "labelPlural": o.plural, "layoutable": o.create, "mergeable": o.merge, "mruEnabled": o.create,
		"name": o.name, "queryable": true, "replicateable": o.must("SystemModstamp") >= 0, "retrieveable": true, "searchable": o.create, "triggerable": o.create,
		"undeletable": o.remove, "updateable": o.update,
		"urls": map[string]string{"rowTemplate": base + "/{ID}", "describe": base + "/describe", "sobject": base},
	}
}

func (t *Twin) describeBasic(c *call, o *object) reply {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return jsonReply(http.StatusOK, map[string]any{"objectDescribe": t.summary(c, o), "recentItems": []any{}})
}

func (t *Twin) describe(c *call, o *object) reply {
	t.mu.RLock()
	defer t.mu.RUnlock()
	changed := t.lastChanged(o)
	if fresh(c, changed) {
		return reply{status: http.StatusNotModified}
	}
	out := t.summary(c, o)
	maps.Copy(out, map[string]any{
		"actionOverrides": []any{}, "compactLayoutable": o.create, "defaultImplementation": nil, "extendedBy": nil, "extendsInterfaces": nil, "implementedBy": nil,
		"implementsInterfaces": nil, "listviewable": nil, "lookupLayoutable": nil, "namedLayoutInfos": []any{}, "networkScopeFieldName": nil,
		"searchLayoutable": o.create, "sobjectDescribeOption": "FULL", "supportedScopes": []any{map[string]string{"label": "All " + strings.ToLower(o.plural), "name": "everything"}},
		"recordTypeInfos": t.recordTypes(c, o), "childRelationships": t.describeChildren(o),
	})
	fields := []map[string]any{}
	for _, f := range o.fields {
		if !f.hidden {
			fields = append(fields, describeField(f))
		}
	}
	out["fields"] = fields
	r := jsonReply(http.StatusOK, out)
	r.header = map[string]string{"Last-Modified": changed.Format(http.TimeFormat)}
	return r
}

func (t *Twin) recordTypes(c *call, o *object) []map[string]any {
	master := "012000000000000AAA"
	return []map[string]any{{
		"active": true, "available": true, "defaultRecordTypeMapping": true, "developerName": "Master", "master": true, "name": "Master", "recordTypeId": master,
		"urls": map[string]string{"layout": "/services/data/" + c.version + "/sobjects/" + o.name + "/describe/layouts/" + master},
	}}
}

func (t *Twin) describeChildren(o *object) []map[string]any {
	out := []map[string]any{}
	for _, c := range o.children {
		if kids := t.object(c.object); kids == nil || kids.fields[kids.must(c.field)].hidden {
			continue
		}
		out = append(out, map[string]any{
			"cascadeDelete": c.cascade, "childSObject": c.object, "deprecatedAndHidden": false, "field": c.field, "junctionIdListNames": []any{},
			"junctionReferenceTo": []any{}, "relationshipName": orNull(c.relation), "restrictedDelete": false,
		})
	}
	return out
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func describeField(f *field) map[string]any {
	long := f.typ == "textarea" && f.length > 4000
	compound := f.typ == "address"
	picks := []map[string]any{}
	for i, p := range f.picks {
		picks = append(picks, map[string]any{"active": true, "defaultValue": f.defaulted && i == 0, "label": p, "validFor": nil, "value": p})
	}
	refs := f.refTo
	if refs == nil {
		refs = []string{}
	}
	precision, scale, digits := f.precision, f.scale, 0
	if f.typ == "int" {
		digits = 8
	}
	relation := any(nil)
	if len(refs) > 0 {
		relation = orNull(f.relation)
	}
	out := map[string]any{
		"aggregatable": !long && !compound, "aiPredictionField": false, "autoNumber": false, "byteLength": byteLength(f), "calculated": f.formula, "calculatedFormula": nil,
		"cascadeDelete": false, "caseSensitive": f.unique && f.custom, "compoundFieldName": nil, "controllerName": nil, "createable": f.create, "custom": f.custom,
		"defaultValue": nil, "defaultValueFormula": nil, "defaultedOnCreate": f.defaulted, "dependentPicklist": false, "deprecatedAndHidden": false, "digits": digits,
		"displayLocationInDecimal": false, "encrypted": false, "externalId": f.extID, "extraTypeInfo": nil, "filterable": !long && !compound, "filteredLookupInfo": nil,
		"formulaTreatNullNumberAsZero": false, "groupable": !long && !compound && f.kind() != soql.Number && f.kind() != soql.DateTime, "highScaleNumber": false, "htmlFormatted": false,
		"idLookup": f.lookup, "inlineHelpText": nil, "label": f.label, "length": f.length, "mask": nil, "maskType": nil, "name": f.name, "nameField": f.nameField,
		"namePointing": len(refs) > 1, "nillable": !f.required, "permissionable": f.sys == sysNone && !f.required, "picklistValues": picks,
		"polymorphicForeignKey": len(refs) > 1, "precision": precision, "queryByDistance": compound, "referenceTargetField": nil, "referenceTo": refs,
		"relationshipName": relation, "relationshipOrder": nil, "restrictedDelete": false, "restrictedPicklist": f.restricted, "scale": scale,
		"searchPrefilterable": f.typ == "reference", "soapType": soapType(f), "sortable": !long && !compound && f.kind() != soql.Multi, "type": f.typ,
		"unique": f.unique, "updateable": f.update, "writeRequiresMasterRead": false,
	}
	return out
}

func byteLength(f *field) int {
	if f.typ == "id" || f.typ == "reference" {
		return 18
	}
	return 3 * f.length
}

func soapType(f *field) string {
	switch f.kind() {
	case soql.ID:
		return "tns:ID"
	case soql.Boolean, soql.Date:
		return "xsd:" + f.typ
	case soql.DateTime:
		return "xsd:dateTime"
	case soql.Number:
		if f.typ == "int" {
			return "xsd:int"
		}
		return "xsd:double"
	default:
		if f.typ == "address" {
			return "urn:address"
		}
		return "xsd:string"
	}
}
